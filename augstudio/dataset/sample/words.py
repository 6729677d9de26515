"""What the text scenes say: short texts made up for the sample.

Only letters that Pillow's own font has: it has no accents and no dashes, which limits the languages.
"""

from __future__ import annotations


def _rows(text: str) -> tuple[str, ...]:
    return tuple(text.split("|"))


def _pairs(text: str) -> tuple[tuple[str, str], ...]:
    """Return rows parted at their last space."""
    return tuple((name, last) for name, _, last in (row.rpartition(" ") for row in text.split("|")))


# Headline, byline, paragraphs (here and below parted by "|").
ARTICLES = (
    (
        "Harbour Ferry Takes a Day Off",
        "By our correspondent on the quay",
        "For the first time in sixty years the small blue ferry stayed at its mooring on a Tuesday. Nobody had told "
        "the gulls, who waited on the rail as usual, facing the far shore.|“She has earned it,” said the captain, who "
        "was seen later the same morning rowing across the bay in a borrowed boat, because he could think of nothing "
        "else to do.|Passengers took the news calmly. The baker delivered by bicycle, which is longer by eleven miles,"
        " and reported that the view is better than he remembered. The school opened an hour late and closed an hour "
        "early, to make up for it.|The ferry sails again on Wednesday at seven. The gulls have been informed.|Older "
        "residents recall only one other such day, in the winter when the harbour froze and the crossing was made on "
        "foot, with a lantern, by anyone who had run out of coffee.|The harbour office asks the public not to feed the"
        " captain.",
    ),
    (
        "De tuin achter het station",
        "Door een vaste reiziger",
        "Wie op het tweede perron tot het einde loopt, ziet achter de schutting een tuin die niemand lijkt te kennen. "
        "Er staan bonen, er staat een peer, en op warme dagen zit er een man met een krant.|Hij heeft de grond nooit "
        "gekocht en nooit gevraagd. Toen hij hier kwam werken was het een veld vol stenen; hij begon met een emmer en "
        "een schop, elke avond een uur na de laatste trein.|Nu komen er bijen, en af en toe een machinist. Wie vraagt "
        "waarom, krijgt een handvol frambozen en geen antwoord.|De directie van het spoor laat weten dat zij van niets"
        " weet, en dat de tomaten dit jaar bijzonder goed smaken.|Volgend jaar moet er een bankje komen. Het hout ligt"
        " al klaar, de schroeven ook, alleen de discussie over de kleur is nog niet voorbij.",
    ),
    (
        "Il mercato del mattino",
        "Appunti di una passeggiata",
        "Alle sei la piazza dorme ancora, ma sotto i portici si sente il rumore delle cassette. Arrivano prima i "
        "contadini, poi i gatti, infine i clienti con le borse vuote e le idee chiare.|Il banco delle arance sembra "
        "una finestra accesa. La signora che lo tiene conosce tutti per nome e nessuno per cognome; quando piove "
        "regala un limone a chi sorride.|Verso mezzogiorno il sole arriva fino alla fontana. Si contano le monete, si "
        "chiudono gli ombrelli, si parla ancora un poco del tempo e del pane.|Restano per terra alcune foglie di "
        "insalata, e un gatto che ha fatto buoni affari.|Domani si ricomincia, alla stessa ora, con le stesse voci.",
    ),
    (
        "Der Turm, der nicht fertig wird",
        "Ein Bericht vom Rand der Stadt",
        "Seit hundert Jahren wird an dem Turm gebaut, und seit hundert Jahren fehlt der letzte Stein. Immer wenn er "
        "kommen soll, regnet es, oder der Meister hat Geburtstag, oder es ist einfach zu warm.|Die Stadt hat sich "
        "daran gewohnt wie an einen Onkel, der beim Essen immer etwas offen lassen will. Im Sommer wohnen Schwalben im"
        " obersten Fenster; sie waren zuerst da und zahlen keine Miete.|Einmal stand der Stein schon unten am Tor. Am "
        "Morgen war er weg. Man fand ihn im Garten der Schule, mit einem kleinen Hut aus Papier.|Der neue Plan sieht "
        "nun vor, alles so zu lassen und am Sonntag Kuchen zu verkaufen.|Der Kuchen ist jedes Mal fertig.",
    ),
    (
        "Kedai Kopi di Ujung Jalan",
        "Catatan kecil dari kota lama",
        "Setiap pagi sebelum matahari naik, pintu kayu itu sudah terbuka. Orang datang tanpa bicara, duduk di kursi "
        "yang sama, dan menunggu air mendidih.|Pemilik kedai tidak punya daftar harga. Ia melihat wajah tamunya, lalu "
        "menyebut angka yang terasa benar. Tidak ada yang pernah menawar.|Di dinding tergantung jam tua yang berhenti "
        "pada pukul sembilan. “Supaya tidak ada yang terlambat,” katanya.|Kucing hitam tidur di atas karung beras, dan"
        " hanya bangun ketika ikan lewat.|Sore hari hujan turun, jalan menjadi sungai kecil, dan semua orang tinggal "
        "sedikit lebih lama.",
    ),
    (
        "How to Mend a Kite",
        "From the Sunday workshop",
        "A kite that will not fly is seldom broken; more often it is tired. Lay it on the grass and look at it from "
        "above, the way the wind would.|Check the spars first. A crack wants a splint of bamboo and two turns of "
        "thread, wet, so that they tighten as they dry. Never use glue where thread will do.|Then the bridle. Hold it "
        "by the knot and let the kite hang: the nose should point a little upwards, as if it had just heard its "
        "name.|Last comes the tail. If the kite dances, make it longer; if it sulks, make it shorter. Old ribbon is "
        "best, in at least three colours.|Wait for an honest wind. Run only if you enjoy running.|When the line hums, "
        "you are done. Tie it to something heavy, lie down beside it and look up for as long as you like.",
    ),
)

MASTHEADS = (
    "The Harbour Gazette",
    "De Avondpost",
    "Il Mattino Nuovo",
    "Der Abendbote",
    "Kabar Pagi",
    "The Sunday Kite",
)

LETTERS = (
    "Dear Maud,|the apples have come in, all at once as ever, and the cellar smells like a cider press. I have put two"
    " boxes aside for you; the red ones keep until spring, the green ones will not wait for anybody.|The roof is dry. "
    "The dog has learned to open the gate and has taught it to next door’s dog. We now have two gates that are always "
    "open.|Do come before the frost. The room at the back has the morning sun, and nobody plays the piano before "
    "nine.|With love,",
    "Beste Joris,|dank voor de fiets. Hij rijdt licht, alleen remt hij liever niet, maar wie hier woont weet dat het "
    "nergens echt naar beneden gaat.|Ik heb de kaart van het eiland getekend zoals jij hem vertelde: de molen in het "
    "midden, het cafe overal.|Kom je in mei? Dan staat het veld achter de dijk weer vol met klaver en hoef je niets "
    "mee te nemen dan een hoed.|Hartelijke groet,",
    "Cara Teresa,|il treno era pieno e il mare era calmo. Ho trovato la casa con la porta verde, come dicevi, e la "
    "chiave sotto il vaso sbagliato.|Il giardino ha bisogno di mani. Il fico invece non ha bisogno di nessuno: ne ho "
    "contati quaranta e poi ho smesso.|Scrivimi quando arrivi. Metto su l’acqua appena sento il cancello.|Un "
    "abbraccio,",
)
SIGNATURES = ("Edith", "Hanna", "Bruno", "Marta", "Oskar")

# Name, line below it.
SHOPS = (
    ("Bread & Butter", "baked before you wake"),
    ("Libreria del Porto", "libri usati e nuovi"),
    ("Bloemen van Anna", "elke dag vers"),
    ("The Blue Kettle", "tea . cakes . company"),
    ("Uhren Winter", "Reparatur seit 1921"),
    ("Pasta Fresca", "fatta a mano"),
    ("Oak & Thimble", "tailors since 1948"),
    ("Fiets & Co", "verhuur en reparatie"),
    ("Toko Melati", "rempah . kopi . teh"),
    ("Moon Records", "vinyl bought and sold"),
)

# Places with distances.
TOWNS = _pairs(
    "Oldhaven 4|Marrow Hill 12|Saint Brigid 27|Larkfield 9|Nordkamp 31|Windmere 18|Port Elder 56|Kesterloo 7|Monte "
    "Chiaro 42|Amselbach 15|Villa Serena 23|Ravenna Est 64"
)
STREETS = _pairs(
    "LANTERN STREET|VIA DEL GELSO|KORTE KADE|PLACE DU MARCHE|LINDEN ALLEE|CALLE LUNA|JALAN KENANGA|MILL LANE"
)
WARNINGS = (
    ("SLOW", "DUCKS CROSSING"),
    ("CAUTION", "STEEP HILL"),
    ("LANGZAAM", "SPELENDE KINDEREN"),
    ("ATTENZIONE", "STRADA STRETTA"),
    ("ACHTUNG", "ENTENFAMILIE"),
    ("QUIET", "SLEEPING CATS"),
)
STOPS = ("STOP", "ALTO", "PARE", "SIMAMA")

STICKERS = _rows(
    "HONK IF YOU LOVE LIBRARIES|MY OTHER CAR IS A BOAT|ADOPT A SNAIL|KEEP THE SEA SALTY|I BRAKE FOR HEDGEHOGS|POWERED "
    "BY PANCAKES|LIEVER FIETSEN|VIVA LA SIESTA|STUDENT OF CLOUDS|PIANO PIANO|LESS HURRY MORE CURRY|ASK ME ABOUT MY "
    "GARDEN"
)
PLATES = ("KB 407 T", "LUX 28", "NH 5561", "R 12 FOX", "AV 903 K", "TEA 4 2")

# Shop, address, items with prices, thanks.
RECEIPTS = (
    (
        "CORNER GROCER",
        "14 Lantern Street",
        _pairs("Milk 1 l 1.19|Rye bread 2.85|Butter 250 g 2.49|Apples 1.2 kg 3.11|Matches 0.45|Honey 5.20"),
        "THANK YOU, COME AGAIN",
    ),
    (
        "TRATTORIA LUNA",
        "Via del Gelso 3",
        _pairs("2 Minestrone 13.00|1 Risotto 11.50|1 Gnocchi 9.80|Acqua 0.75 2.50|2 Espresso 2.60|Coperto 4.00"),
        "GRAZIE E ARRIVEDERCI",
    ),
    (
        "BOEKHANDEL DE UIL",
        "Korte Kade 21",
        _pairs("Atlas 34.95|Potlood HB x3 2.85|Schrift A5 3.50|Kaart 1:25000 12.95|Inpakken 0.00"),
        "TOT ZIENS",
    ),
    (
        "EISENWAREN KRONE",
        "Linden Allee 8",
        _pairs("Schrauben 4x40 3.95|Hammer 300 g 14.90|Leim 5.25|Haken x6 3.60|Bindfaden 2.10"),
        "VIELEN DANK",
    ),
    (
        "WARUNG MELATI",
        "Jalan Kenanga 5",
        _pairs("Nasi goreng 3.20|Sate ayam 4.10|Gado gado 2.90|Es teh 0.90|Pisang goreng 1.50"),
        "TERIMA KASIH",
    ),
)

# Name, then messages; those that begin with ">" are one's own.
CHATS = (
    (
        "Nora",
        "Are you on the train yet?|>Just sat down. There is a man with a cello|Is he playing it?|>Not yet. We are all "
        "hoping|Bring bread!|>Rye or the one with seeds?|Both. Always both",
    ),
    (
        "Papa",
        "The cat is on the roof again|>Which roof|Ours. And the neighbours’|>Tell her dinner is ready|I did. She wants"
        " it delivered|>Home in ten minutes",
    ),
    (
        "Giulia",
        "Ci vediamo al porto?|>Alle sette, sotto il faro|Porto il vino|>Io porto la chitarra|Allora porto anche il "
        "gatto|>Perfetto!",
    ),
    (
        "Team Kite",
        "Wind is 14 knots and rising|>Beach in half an hour?|Lena has the big one|>I have string. So much string|Last "
        "time you said that we lost a shoe|>It was a small shoe",
    ),
    ("Sofie", "Heb jij de sleutel?|>Welke sleutel|Van de boot|>Die ligt in de boot|De boot is op slot|>Ah.|Precies."),
)

# File name, lines.
PROGRAMS = (
    (
        "kite.py",
        """\
from math import sin, pi

class Kite:
    def __init__(self, line=30.0):
        self.line = line
        self.height = 0.0

    def lift(self, wind):
        # no wind, no flight
        if wind < 3.0:
            return 0.0
        return wind * sin(pi / 4)

    def fly(self, gusts):
        for wind in gusts:
            self.height += self.lift(wind)
        return min(self.height, self.line)

red = Kite(line=80.0)
print(red.fly([4.5, 6.2, 9.8]))""",
    ),
    (
        "tides.py",
        """\
import csv
from pathlib import Path

def tides(path):
    # the harbour's own table
    with Path(path).open() as rows:
        for row in csv.reader(rows):
            yield row[0], float(row[1])

def highest(path):
    return max(tides(path), key=depth)

def depth(tide):
    return tide[1]

when, height = highest("may.csv")
print(when, round(height, 2))""",
    ),
    (
        "orchard.js",
        """\
const trees = await load("orchard.json");

function ripe(tree, today) {
  const days = today - tree.bloomed;
  return days > 140 && !tree.picked;
}

for (const tree of trees) {
  if (ripe(tree, now())) {
    // one basket each
    baskets.push(pick(tree));
    tree.picked = true;
  }
}

export default baskets;""",
    ),
)
KEYWORDS = frozenset(
    _rows("from|import|class|def|if|return|for|in|with|as|yield|const|await|function|of|export|default|true|while")
)

MAILS = (
    ("Lighthouse Committee", "Paint: white, or very white?", "The vote stands at eleven to eleven"),
    ("Ines", "Recipe for the plum cake", "You need more plums than you think"),
    ("Ferry Office", "Your ticket for Saturday", "Please be at the quay at 06:40"),
    ("Jonas", "Re: Re: Re: the ladder", "It was in my shed after all"),
    ("City Library", "Two books are due", "A Field Guide to Clouds, and one more"),
    ("Weather Desk", "Weekend outlook", "Sun, then more sun, then a surprise"),
    ("Mona", "Photos from the island", "Forty of the goat, two of the island"),
    ("Bike Kitchen", "Your wheel is ready", "We also found a bell that suits it"),
    ("Choir", "Tuesday is Wednesday", "Same room, same biscuits"),
)

# Large line, small line above, line below.
POSTERS = (
    ("FJORDS", "Slow Railways of the North", "three days, two ferries, one window seat"),
    ("RIVIERA", "Il treno del sole", "da maggio a settembre"),
    ("ALPINA", "Wandern ohne Eile", "Pfade, Hotels, Milch"),
    ("SAVANNA", "Safari njema", "karibu sana"),
    ("ISLANDS", "By steamer to the", "sailing daily from pier nine"),
    ("PACIFICO", "Lentamente hacia el", "barcos cada lunes"),
)
CONCERTS = (
    ("NIGHT", "TRUMPET", "The Low Tide Quartet", "Friday 21:00 . Old Ice House . doors at eight"),
    ("SUMMER", "STRINGS", "Open air on the meadow", "14 July . bring a blanket . free"),
    ("KLANG", "FARBE", "Neue Musik im Hafen", "Samstag 20 Uhr . Halle 4"),
    ("JAZZ", "KELDER", "Elke donderdag live", "Korte Kade 9 . vanaf 21:00"),
)

# Title, author.
BOOKS = (
    ("The Cartographer’s Umbrella", "Ida Marlow"),
    ("A Field Guide to Clouds", "T. R. Penhale"),
    ("Le Jardin de Minuit", "Odile Carnot"),
    ("Il faro e la volpe", "Dario Bellini"),
    ("Zwanzig Arten Regen", "Klara Vogt"),
    ("De stille havenmeester", "Wim Aardenburg"),
    ("Salt, Thread and Honey", "June Okoro"),
    ("Noctes in Insula", "Marcus Tellus"),
    ("Bahari ya Kaskazini", "Amina Juma"),
    ("The Last Lamplighter", "Edmund Frost"),
    ("Mar y Madera", "Lucia Campos"),
    ("Rumah di Tepi Sungai", "Dewi Lestaluhu"),
    ("Small Engines", "P. Haverkamp"),
    ("Owls of the Railway", "Nell Ashby"),
)

# Heading, dishes with prices, line at the foot.
MENUS = (
    (
        "Today’s Soup",
        _pairs("Leek & potato 5.50|Tomato, basil 5.00|Ask again later 6.00|Toasted rye 2.20"),
        "bread is always free",
    ),
    (
        "Menu del Giorno",
        _pairs("Bruschetta 6.00|Gnocchi al pesto 11.50|Pesce del porto 14.00|Panna cotta 5.50"),
        "vino della casa 4.00",
    ),
    (
        "Koffie & Taart",
        _pairs("Appeltaart 4.20|Warme chocolade 3.80|Koffie verkeerd 3.40|Tosti kaas 5.90"),
        "met slagroom? natuurlijk",
    ),
    ("Heute", _pairs("Linsensuppe 6.20|Kartoffelsalat 5.80|Apfelstrudel 4.90|Limonade 3.00"), "alles aus dem Garten"),
)

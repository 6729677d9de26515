"""What the user wants to see, and what follows from it: no Qt here."""

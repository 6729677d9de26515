"""augstudio export: what is asked for (`settings`), what it comes to (`plan`), carrying it out (`run`)."""

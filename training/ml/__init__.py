"""Machine learning itself: networks, their training and their judgement. Knows no Django; runs in a REPL."""

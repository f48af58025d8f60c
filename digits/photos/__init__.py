"""Digits on photos: the picture decoded, the sheet of paper found, the digits cut out."""

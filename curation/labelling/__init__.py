"""What an image shows and on what: the claimed class, the judge's verdict, the probe's answer."""

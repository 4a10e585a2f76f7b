"""Groups of a class by background: found on one half of the images, confirmed on the other."""

"""Files that are read with a preview of every fault, and what comes of them."""

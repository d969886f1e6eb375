"""The names of Python's smmap, answered by the Node.js package of the same name."""
from .mman import *
from .buf import *

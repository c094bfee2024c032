// Stands in for the system's <io.h>: _isatty() has been declared.

#include <spng.h>
#include <turbojpeg.h>

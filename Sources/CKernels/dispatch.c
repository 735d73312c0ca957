#include "ckernels.h"
int nk_vector_path(void) { return 0; }

// Types and prototypes only: the library is opened at run time (Tensors/BLAS/BLASLibrary.swift), because OpenBLAS
// chooses its kernels while it loads and the choice has to be made before that.
#include <cblas.h>

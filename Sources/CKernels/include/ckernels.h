#ifndef NASD_CKERNELS_H
#define NASD_CKERNELS_H
int nk_vector_path(void);
#endif

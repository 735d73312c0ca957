// Vector loops that BLAS lacks, over row-major float matrices given as pointer and leading dimension ("stride").
//
// Every kernel exists three times: for AVX-512, for AVX2 with FMA, and in plain vectors of four. `nk_select` picks one
// set for the whole process; the results of a set are a pure function of the arguments.
#ifndef NASD_CKERNELS_H
#define NASD_CKERNELS_H

#include <stddef.h>
#include <stdint.h>

typedef enum { nk_path_plain = 0, nk_path_avx2 = 1, nk_path_avx512 = 2 } nk_path;

// How a kernel goes over maps of pixels, (images, height, width), that are padded by kernel / 2 zeros on all sides; an output
// map has ceil(height / step) rows and ceil(width / step) columns.
typedef struct nk_window {
    size_t images, height, width;
    size_t kernel, step;  // 3, 5 or 7; 1 or 2, or for windows that are cut or pooled any
} nk_window;

// What follows a norm: nothing, max(0, y), min(max(0, y), 6), y min(max(0, y + 3), 6) / 6, or y / (1 + exp(-y)).
typedef enum { nk_linear = 0, nk_relu = 1, nk_relu6 = 2, nk_hard_swish = 3, nk_swish = 4 } nk_activation;

typedef struct nk_kernels {
    // c[i][j] = (c[i][j] when accumulating) + (bias[j] unless null) + sum over p of a(i, p) b(p, j), where a(i, p) is
    // a[i * a_row + p * a_column] and b(p, j) is b[p * b_row + j * b_column]; a_row or
    // a_column is 1, and b_row or b_column is; depth is at least 1.
    void (*multiply)(size_t rows, size_t columns, size_t depth, const float *a, size_t a_row, size_t a_column,
                     const float *b, size_t b_row, size_t b_column, const float *bias, int accumulate, float *c,
                     size_t c_row);
    // y[r][c] += bias[c]
    void (*add_bias)(size_t rows, size_t columns, float *y, size_t y_stride, const float *bias);
    // y = gelu(x + bias), exact erf form; when slope is not null it receives dy/dx.
    void (*bias_gelu)(size_t rows, size_t columns, const float *x, size_t x_stride, const float *bias, float *y,
                      size_t y_stride, float *slope, size_t slope_stride);
    // y = max(0, x + bias); when slope is not null it receives dy/dx.
    void (*bias_relu)(size_t rows, size_t columns, const float *x, size_t x_stride, const float *bias, float *y,
                      size_t y_stride, float *slope, size_t slope_stride);
    // x *= factor, elementwise; sums[c] += sum over rows of the product, unless sums is null.
    void (*multiply_sum)(size_t rows, size_t columns, float *x, size_t x_stride, const float *factor,
                         size_t factor_stride, float *sums);
    // sums[c] += sum over rows of x
    void (*column_sums)(size_t rows, size_t columns, const float *x, size_t x_stride, float *sums);
    // sum = x + branch + bias (branch and bias may be null), y = norm(sum) * gain + offset; statistics[2r] = mean,
    // statistics[2r + 1] = 1 / standard deviation. sum may be null when branch is null.
    void (*residual_norm)(size_t rows, size_t columns, const float *x, size_t x_stride, const float *branch,
                          size_t branch_stride, const float *bias, const float *gain, const float *offset,
                          float epsilon, float *sum, size_t sum_stride, float *y, size_t y_stride,
                          float *statistics);
    // dx = upstream (null: 0) + norm backward of dy; gain_gradient and offset_gradient are added to.
    void (*norm_backward)(size_t rows, size_t columns, const float *x, size_t x_stride, const float *statistics,
                          const float *gain, const float *dy, size_t dy_stride, const float *upstream,
                          size_t upstream_stride, float *dx, size_t dx_stride, float *gain_gradient,
                          float *offset_gradient);
    // y[r][c] = x[r][c] * mask[c]
    void (*mask_columns)(size_t rows, size_t columns, const float *x, size_t x_stride, const float *mask, float *y,
                         size_t y_stride);
    // dx[r][c] = (dx[r][c] when accumulating) + dy[r][c] * mask[c]; mask_gradient[c] += sum over rows of dy * x
    void (*mask_backward)(size_t rows, size_t columns, const float *x, size_t x_stride, const float *mask,
                          const float *dy, size_t dy_stride, int accumulate, float *dx, size_t dx_stride,
                          float *mask_gradient);
    // sum = x + branch (branch may be null, sum too then); y = mask * (norm(sum) * gain + offset), where mean and
    // variance are weighted by the mask, whose sum is mask_sum; statistics as in residual_norm.
    void (*masked_norm)(size_t rows, size_t columns, const float *x, size_t x_stride, const float *branch,
                        size_t branch_stride, const float *mask, float mask_sum, const float *gain, const float *offset,
                        float epsilon, float *sum, size_t sum_stride, float *y, size_t y_stride, float *statistics);
    // dx = upstream (null: 0) + masked norm backward of dy; the gradients of gain, offset and mask are added to.
    void (*masked_norm_backward)(size_t rows, size_t columns, const float *x, size_t x_stride, const float *statistics,
                                 const float *mask, float mask_sum, const float *gain, const float *offset,
                                 float epsilon, const float *dy, size_t dy_stride, const float *upstream,
                                 size_t upstream_stride, float *dx, size_t dx_stride, float *gain_gradient,
                                 float *offset_gradient, float *mask_gradient);
    // y[r][c] = sum over s of weights[r * weight_row + s] * sources[s][r][c], all sources of one stride
    void (*blend)(size_t rows, size_t columns, size_t source_count, const float *const *sources, size_t source_stride,
                  const float *weights, size_t weight_row, float *y, size_t y_stride);
    // gradients[s][r][c] += weights[r * weight_row + s] * dy[r][c] in the sources' stride;
    // weight_gradient[r * weight_row + s] += <dy[r], sources[s][r]>
    void (*blend_backward)(size_t rows, size_t columns, size_t source_count, const float *const *sources,
                           size_t source_stride, const float *weights, size_t weight_row, const float *dy,
                           size_t dy_stride, float *const *gradients, float *weight_gradient);
    // x[r] = softmax(scale * x[r]) in place
    void (*softmax)(size_t rows, size_t columns, float *x, size_t x_stride, float scale);
    // dx[r] = scale * p[r] * (dx[r] - <dx[r], p[r]>) in place
    void (*softmax_backward)(size_t rows, size_t columns, const float *p, size_t p_stride, float *dx,
                             size_t dx_stride, float scale);
    // y += a * x
    void (*add_scaled)(size_t count, float a, const float *x, float *y);
    // x *= a
    void (*scale)(size_t count, float a, float *x);
    // sum of squares, accumulated in double
    double (*sum_of_squares)(size_t count, const float *x);
    // y[i] = (y[i] when accumulating) + the sum over s of sources[s][offset + i], source_count at least 1, added as a binary
    // tree over the numbers of the sources: ((s0 + s1) + (s2 + s3)) + ((s4 + s5) + (s6 + s7)), where the number is no
    // power of two without what is missing.
    void (*sum_sources)(size_t count, const float *const *sources, size_t source_count, size_t offset, int accumulate,
                        float *y);
    // AdamW with decoupled decay; rate, corrections and decay are of this step.
    void (*adamw)(size_t count, float *weights, const float *gradient, float *mean, float *variance, float rate,
                  float beta1, float beta2, float epsilon, float correction1, float correction2, float decay,
                  float gradient_scale);
    // SGD with momentum: velocity = momentum * velocity + gradient + decay * weights; weights -= rate * velocity
    void (*sgd)(size_t count, float *weights, const float *gradient, float *velocity, float rate, float momentum,
                float decay, float gradient_scale);
    // The same by where the velocity leads: weights -= rate * (gradient + decay * weights + momentum * velocity)
    void (*nesterov)(size_t count, float *weights, const float *gradient, float *velocity, float rate, float momentum,
                     float decay, float gradient_scale);
    // y = the convolution of each channel with a kernel of its own. Rows of x and y are pixels; row t of the weights is tap t
    // of all channels, where taps go in rings from the centre, each ring row by row.
    void (*depthwise)(const nk_window *window, size_t channels, const float *x, size_t x_stride, const float *weights,
                      size_t weight_stride, float *y, size_t y_stride);
    // dx (unless null) = (dx when accumulating) + what dy says of the inputs; dw is raised by what it says of the weights:
    // sums over pixels, which are added image by image.
    void (*depthwise_backward)(const nk_window *window, size_t channels, const float *x, size_t x_stride,
                               const float *weights, size_t weight_stride, const float *dy, size_t dy_stride,
                               int accumulate, float *dx, size_t dx_stride, float *dw, size_t dw_stride);
    // Row i of y holds the values of maps without gaps under the kernel at output first + i, counted (image, row, column), in the
    // order (row, column, channel), 0 outside.
    void (*cut_windows)(const nk_window *window, size_t channels, const float *x, size_t first, size_t count, float *y,
                        size_t y_stride);
    // Adds rows of windows to where cut_windows takes them from, output by output.
    void (*add_windows)(const nk_window *window, size_t channels, const float *y, size_t y_stride, size_t first,
                        size_t count, float *x);
    // y[o][t * inputs + i] = x[o][i * taps + t]; back, y[o][i * taps + t] is raised by x[o][t * inputs + i].
    void (*turn_taps)(size_t outputs, size_t inputs, size_t taps, const float *x, size_t x_stride, int is_back, float *y,
                      size_t y_stride);
    // y = the mean over step x step places of maps without gaps, at the far ends over those that are there.
    void (*mean_pool)(const nk_window *window, size_t channels, const float *x, float *y);
    // dx = (dx when accumulating) + the share of dy.
    void (*mean_pool_backward)(const nk_window *window, size_t channels, const float *dy, int accumulate, float *dx);
    // y = the maximum over the 3 x 3 places around every step-th place, of those that are there.
    void (*max_pool)(const nk_window *window, size_t channels, const float *x, float *y);
    // dx is raised by dy at the first place, row by row, that has the maximum.
    void (*max_pool_backward)(const nk_window *window, size_t channels, const float *x, const float *y, const float *dy,
                              float *dx);
    // Adds rows to means and sums of squared distances from the means, column by column, of so many rows before.
    void (*moments)(size_t rows, size_t columns, const float *x, size_t x_stride, size_t rows_before, double *means,
                    double *squares);
    // y = activation((x - mean) * factor + offset) + shortcut (null: 0), column by column; y may be x.
    void (*channel_norm)(size_t rows, size_t columns, const float *x, size_t x_stride, const float *mean,
                         const float *factor, const float *offset, nk_activation activation, const float *shortcut,
                         size_t shortcut_stride, float *y, size_t y_stride);
    // With n = (x - mean) * inverse and d = dy * activation'(n * gain + offset): sums of d and of d * n over the rows.
    void (*channel_sums)(size_t rows, size_t columns, const float *x, size_t x_stride, const float *mean,
                         const float *inverse, const float *gain, const float *offset, nk_activation activation,
                         const float *dy, size_t dy_stride, double *sums, double *products);
    // dx = gain * inverse * (d - mean_sum - n * mean_product); dx may be dy.
    void (*channel_norm_backward)(size_t rows, size_t columns, const float *x, size_t x_stride, const float *mean,
                                  const float *inverse, const float *gain, const float *offset,
                                  nk_activation activation, const float *dy, size_t dy_stride, const float *mean_sum,
                                  const float *mean_product, float *dx, size_t dx_stride);
} nk_kernels;

/// The best path that this processor has.
nk_path nk_best_path(void);

// Whether the processor has the instructions that OpenBLAS's kernels of a name use; 1 for a name that is not known.
int nk_has_core(const char *name);
/// The kernels of a path; a path that the processor lacks gives the best one below it.
const nk_kernels *nk_kernels_for(nk_path path);

#endif

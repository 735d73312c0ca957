/// The two functions of libFuzzer (compiler-rt, libclang_rt.fuzzer_no_main) that the drivers call.
#pragma once
#include <stddef.h>
#include <stdint.h>

/// Runs the fuzzer: arguments as a program has them, and what is called with each input.
int LLVMFuzzerRunDriver(int *argc, char ***argv, int (*callback)(const uint8_t *data, size_t count));
/// Changes bytes in place by libFuzzer's own means; returns how many there are then.
size_t LLVMFuzzerMutate(uint8_t *data, size_t count, size_t most);

/// How many counters ``fuzz_said`` has.
enum { FUZZ_SAID = 1 << 14 };
/// Counters of the drivers' own, which libFuzzer takes for coverage: what was said of an input.
uint8_t *fuzz_said(void);

#include "CFuzzer.h"

__attribute__((section("__libfuzzer_extra_counters"))) static uint8_t said[FUZZ_SAID];

uint8_t *fuzz_said(void) { return said; }

/* SPDX-License-Identifier: Apache-2.0 */
/* Exact percentiles of samples, as a member of a JSON object. */
#pragma once

#include "common.h"

/* Sorts values (ns) and prints ,"NAME":{"min":...,"mean":...} in us. count is at least 1. */
void print_distribution(const char *name, uint64_t *values, uint64_t count);

// SPDX-License-Identifier: Apache-2.0
#include "distribution.h"

static int by_value(const void *left, const void *right)
{
	uint64_t a = *(const uint64_t *)left, b = *(const uint64_t *)right;

	return (a > b) - (a < b);
}

/* Nearest rank: the smallest sample that at least this share of all do not exceed. */
static double percentile_us(const uint64_t *sorted, uint64_t count, uint64_t permille)
{
	return (double)sorted[(count * permille + 999) / 1000 - 1] / 1000;
}

void print_distribution(const char *name, uint64_t *values, uint64_t count)
{
	double sum = 0;

	qsort(values, count, sizeof(*values), by_value);
	for (uint64_t i = 0; i < count; i++)
		sum += (double)values[i];
	printf(",\"%s\":{\"min\":%.1f,\"p50\":%.1f,\"p90\":%.1f,\"p99\":%.1f,\"p999\":%.1f,"
	       "\"max\":%.1f,\"mean\":%.1f}",
	       name, (double)values[0] / 1000, percentile_us(values, count, 500),
	       percentile_us(values, count, 900), percentile_us(values, count, 990),
	       percentile_us(values, count, 999), (double)values[count - 1] / 1000,
	       sum / (double)count / 1000);
}

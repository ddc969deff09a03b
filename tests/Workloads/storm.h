/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include "common.h"

struct storm {
	int affinity; /* flip CPU masks */
	int nice;     /* flip nice values */
	int policy;   /* flip scheduling policies */
	int exits;    /* start and end short tasks */
	int threads;  /* threads of one process instead of processes */
	int workers;
	int parallel; /* short tasks at one time */
	uint64_t tasks;
	uint64_t duration_ns;
	uint64_t period_ns; /* between two flips */
	uint64_t lost_ns;   /* without progress for so long: lost */
};

/* Each prints one line of JSON and returns how many tasks were lost. */
int flip_storm(const struct storm *storm);
int exit_storm(const struct storm *storm);

/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * workqueue_abi_version() names the version the library was built with. It must
 * be the one of the header this test was compiled with.
 */
#include "test.h"

static void library_and_header_are_of_one_version(void)
{
	check_eq(workqueue_abi_version(), WORKQUEUE_ABI_VERSION);
}

TEST_MAIN(TEST(library_and_header_are_of_one_version))

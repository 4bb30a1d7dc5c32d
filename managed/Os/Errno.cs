// SPDX-License-Identifier: GPL-2.0-only
// Why something failed, as the kernel numbers it.
//
// The one convention inside the engine: a method that fails for a reason returns an
// Errno, or has an out parameter for it; None means success. Abi makes errno or a negative
// number of it. What queueing sets by itself: managed/README.md, "Layers".
// Values without a name occur too, as notifiers and the C library have their own reasons.
// The names are those that the engine uses; x86-64 and arm64 have the same numbers.

namespace Wq.Os;

internal enum Errno
{
    None = 0,
    EPERM = 1,
    ENOENT = 2,
    EINTR = 4,
    EAGAIN = 11,
    ENOMEM = 12,
    EACCES = 13,
    EBUSY = 16,
    EEXIST = 17,
    ENODEV = 19,
    EINVAL = 22,
    EMFILE = 24,
    EDEADLK = 35,
    ENOSYS = 38,
    ENOBUFS = 105,
    ESHUTDOWN = 108,
    ETIMEDOUT = 110,
}

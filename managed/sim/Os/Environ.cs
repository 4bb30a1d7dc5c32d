// SPDX-License-Identifier: GPL-2.0-only
// The environment of a simulated process: empty.
// Stands in for the engine's file of the same name.

using System;

namespace Wq.Os;

internal static class Environ
{
    public static bool IsOn(ReadOnlySpan<byte> name) => false;

    public static bool TryUInt(ReadOnlySpan<byte> name, ref uint number) => false;
}

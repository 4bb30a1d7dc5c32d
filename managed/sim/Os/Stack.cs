// SPDX-License-Identifier: GPL-2.0-only
// The call stack in a report: a failure has its trace instead.
// Stands in for the engine's file of the same name.

using Wq.Base;

namespace Wq.Os;

internal static class Stack
{
    public static void Append(ref Report report)
    {
    }
}

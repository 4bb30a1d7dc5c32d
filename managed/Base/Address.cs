// SPDX-License-Identifier: GPL-2.0-only
// Where a static field is.
//
// Statics of the library do not move, as nothing collects there. Where the engine runs on
// the .NET runtime, in its tests and in the simulator, those without references do not either.

using System.Runtime.CompilerServices;

namespace Wq.Base;

internal static unsafe class Address
{
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static T* Of<T>(ref T field)
        where T : unmanaged => (T*)Unsafe.AsPointer(ref field);
}

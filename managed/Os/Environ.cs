// SPDX-License-Identifier: GPL-2.0-only
// The process's environment, for the few switches the library reads there.
//
// Read during set-up only: a program that changes its environment while another
// thread reads it is undefined in C. Names are zero-terminated, as u8 literals are.

using System;

namespace Wq.Os;

internal static unsafe class Environ
{
    /// <summary>Is the variable there, not empty and not "0..."?</summary>
    public static bool IsOn(ReadOnlySpan<byte> name)
    {
        byte* value = Get(name);
        return value != null && *value != 0 && *value != '0';
    }

    /// <summary>Reads a variable that is a decimal number of at most 32 bits. False, and no change, if it is not.</summary>
    public static bool TryUInt(ReadOnlySpan<byte> name, ref uint number)
    {
        byte* digit = Get(name);
        if (digit == null || *digit == 0)
        {
            return false;
        }
        ulong value = 0;
        for (; *digit >= '0' && *digit <= '9' && value <= uint.MaxValue; digit++)
        {
            value = (value * 10) + *digit - '0';
        }
        if (*digit != 0 || value > uint.MaxValue)
        {
            return false;
        }
        number = (uint)value;
        return true;
    }

    private static byte* Get(ReadOnlySpan<byte> name)
    {
        fixed (byte* text = name)
        {
            return Libc.getenv(text);
        }
    }
}

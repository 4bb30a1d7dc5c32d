// SPDX-License-Identifier: GPL-2.0-only
// A thread's name under construction, or the name of its file, in memory of the caller's. No
// locks.

using System;

namespace Wq.Os;

internal unsafe ref struct ThreadName
{
    public byte* Text; // With room for all that is added and a zero byte.
    private int _length;

    public void Add(ReadOnlySpan<byte> text)
    {
        foreach (byte letter in text)
        {
            Text[_length++] = letter;
        }
    }

    /// <summary>A number that is not negative.</summary>
    public void Add(int number)
    {
        byte* digits = stackalloc byte[10];
        int nr = 0;
        for (uint rest = (uint)number; rest != 0 || nr == 0; rest /= 10) // By a constant: without the runtime nothing may throw.
        {
            digits[nr++] = (byte)('0' + (rest % 10));
        }
        while (nr > 0)
        {
            Text[_length++] = digits[--nr];
        }
    }

    /// <summary>Ends the text with a zero byte, if it is another than a thread's name.</summary>
    public readonly void End() => Text[_length] = 0;

    /// <summary>Names the calling thread; the name is cut to 15 bytes.</summary>
    public void Set()
    {
        Text[Math.Min(_length, PThread.NameBytes - 1)] = 0;
        PThread.SetName(Text);
    }
}

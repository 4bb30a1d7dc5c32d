// SPDX-License-Identifier: GPL-2.0-only
// A thread's name under construction, in memory of the caller's. No locks.

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
        int unit = 1;
        while (number / unit >= 10)
        {
            unit *= 10;
        }
        for (; unit != 0; unit /= 10)
        {
            Text[_length++] = (byte)('0' + (number / unit % 10));
        }
    }

    /// <summary>Names the calling thread; the name is cut to 15 bytes.</summary>
    public void Set()
    {
        Text[Math.Min(_length, PThread.NameBytes - 1)] = 0;
        PThread.SetName(Text);
    }
}

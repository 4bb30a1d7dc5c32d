// SPDX-License-Identifier: GPL-2.0-only
// One report under construction: text in a fixed buffer on the stack.
//
// The engine may report from any thread, at any time, when no memory is left. So a
// report is a value of fixed size. Text that does not fit is cut; the buffer always
// ends in a zero byte. No locks, no operating system here.

using System;

namespace Wq.Base;

internal unsafe struct Report
{
    public const int SizeBytes = 2048;

    private const int NrTextsOfPlace = 6;

    private int _length;
    private int _nrTexts;
    private nuint _place;
    private fixed byte _bytes[SizeBytes];

    public readonly int Length => _length;

    /// <summary>Tells where reports come from: the first literals they are made of. Not 0.</summary>
    public readonly nuint Place => _place | 1;

    /// <summary>Appends a literal.</summary>
    public void Text(ReadOnlySpan<byte> text)
    {
        fixed (byte* address = text)
        {
            _place = _nrTexts++ < NrTextsOfPlace ? (_place + (nuint)address) * 0x9e3779b1 : _place;
        }
        foreach (byte b in text)
        {
            Byte(b);
        }
    }

    /// <summary>Appends a zero-terminated C string; NULL shows as "(null)".</summary>
    public void CString(byte* text)
    {
        if (text == null)
        {
            Text("(null)"u8);
            return;
        }
        for (; *text != 0; text++)
        {
            Byte(*text);
        }
    }

    public void Decimal(long value)
    {
        if (value < 0)
        {
            Byte((byte)'-');
        }
        ulong rest = value < 0 ? 0UL - (ulong)value : (ulong)value;
        Digits(rest, 10);
    }

    /// <summary>Appends 0x and the value in at least so many digits.</summary>
    public void Hex(nuint value, int digits = 1)
    {
        Text("0x"u8);
        for (int i = digits - 1; i > 0 && value >> (4 * i) == 0; i--)
        {
            Byte((byte)'0');
        }
        Digits(value, 16);
    }

    /// <summary>Copies the text and its zero byte to <paramref name="destination"/>.</summary>
    public readonly void CopyTo(byte* destination)
    {
        for (int i = 0; i < _length; i++)
        {
            destination[i] = _bytes[i];
        }
        destination[_length] = 0;
    }

    private void Digits(ulong value, uint radix)
    {
        if (value >= radix)
        {
            Digits(value / radix, radix); // At most 20 deep.
        }
        uint digit = (uint)(value % radix);
        Byte((byte)(digit < 10 ? '0' + digit : 'a' + digit - 10));
    }

    private void Byte(byte b)
    {
        if (_length < SizeBytes - 1)
        {
            _bytes[_length++] = b;
        }
    }
}

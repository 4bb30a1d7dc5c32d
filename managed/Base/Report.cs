// One report under construction: text in a fixed buffer on the stack.
//
// The engine may complain from any thread, at any time, with nothing left to
// allocate, so a report is a value of fixed size. Text that does not fit is cut;
// the buffer always ends in a zero byte. No locks, no operating system here.

using System;

namespace Wq.Base;

internal unsafe struct Report
{
    public const int SizeBytes = 2048;

    private int _length;
    private fixed byte _bytes[SizeBytes];

    public readonly int Length => _length;

    public void Text(ReadOnlySpan<byte> text)
    {
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

    public void Hex(nuint value)
    {
        Text("0x"u8);
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
        Byte("0123456789abcdef"u8[(int)(value % radix)]);
    }

    private void Byte(byte b)
    {
        if (_length < SizeBytes - 1)
        {
            _bytes[_length++] = b;
        }
    }
}

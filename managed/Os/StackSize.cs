// SPDX-License-Identifier: GPL-2.0-only
// How large the stacks of the library's threads are.

using Wq.Base;

namespace Wq.Os;

internal static unsafe class StackSize
{
    private const ulong MaxParsed = 1UL << 40; // Digits after that are not counted: too large already.

    private static nuint s_set;             // A: set by the program; 0 for what the environment says
    private static nuint s_fromEnvironment; // I: WQ_STACK_SIZE, or 0 for the C library's default

    /// <summary>Reads WQ_STACK_SIZE: bytes, or with K or M behind. False if it makes no sense: ReportIgnored says so.</summary>
    public static bool Init()
    {
        fixed (byte* name = "WQ_STACK_SIZE"u8)
        {
            byte* text = Libc.getenv(name);
            if (text == null || *text == 0)
            {
                return true;
            }
            nuint bytes = ParseBytes(text);
            bool good = PThread.IsStackSize(bytes);
            s_fromEnvironment = good ? bytes : 0;
            return good;
        }
    }

    public static void ReportIgnored()
    {
        fixed (byte* name = "WQ_STACK_SIZE"u8)
        {
            byte* text = Libc.getenv(name);
            Report report = default;
            report.Text("workqueue: WQ_STACK_SIZE is no size of a stack, ignored: "u8);
            report.CString(text);
            Bug.Warn(ref report);
        }
    }

    /// <summary>The stack of threads made from now on; 0 for the C library's default.</summary>
    public static nuint Bytes
    {
        get
        {
            nuint bytes = Atomic.Load(ref s_set);
            return bytes != 0 ? bytes : s_fromEnvironment;
        }
    }

    /// <summary>False if no thread could have such a stack; 0 means the default again.</summary>
    public static bool TrySet(nuint bytes)
    {
        if (bytes != 0 && !PThread.IsStackSize(bytes))
        {
            return false;
        }
        Atomic.Store(ref s_set, bytes);
        return true;
    }

    /// <summary>A number with K, M or nothing behind it; 0 if the text is no such number.</summary>
    public static nuint ParseBytes(byte* text)
    {
        nuint number = 0;
        for (; *text >= '0' && *text <= '9'; text++)
        {
            number = number < MaxParsed ? number * 10 + (nuint)(*text - '0') : number;
        }
        int shift = *text is (byte)'K' or (byte)'k' ? 10 : *text is (byte)'M' or (byte)'m' ? 20 : 0;
        text += shift != 0 ? 1 : 0;
        return *text == 0 ? number << shift : 0;
    }
}

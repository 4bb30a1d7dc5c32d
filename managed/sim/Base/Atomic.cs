// SPDX-License-Identifier: GPL-2.0-only
// The engine's atomic operations, each a point of the simulated schedule.
//
// Stands in for the engine's file of the same name: same methods, same meaning,
// on x86's memory model. The compiler tells each operation where it was made.

using System.Runtime.CompilerServices;
using Wq.Sim;

namespace Wq.Base;

internal static unsafe class Atomic
{
    public static nuint Load(nuint* word, [CallerFilePath] string file = "", [CallerMemberName] string member = "",
        [CallerLineNumber] int line = 0) =>
        (nuint)Words.Load(word, 8, new Site(file, member, line));

    public static int Load(int* word, [CallerFilePath] string file = "", [CallerMemberName] string member = "",
        [CallerLineNumber] int line = 0) =>
        (int)Words.Load(word, 4, new Site(file, member, line));

    public static void Store(nuint* word, nuint value, [CallerFilePath] string file = "",
        [CallerMemberName] string member = "", [CallerLineNumber] int line = 0) =>
        Words.Store(word, 8, value, new Site(file, member, line));

    public static void Store(int* word, int value, [CallerFilePath] string file = "",
        [CallerMemberName] string member = "", [CallerLineNumber] int line = 0) =>
        Words.Store(word, 4, (uint)value, new Site(file, member, line));

    public static nuint Exchange(nuint* word, nuint value, [CallerFilePath] string file = "",
        [CallerMemberName] string member = "", [CallerLineNumber] int line = 0) =>
        (nuint)Words.Modify(Operation.Exchange, word, 8, value, 0, new Site(file, member, line));

    public static int Exchange(int* word, int value, [CallerFilePath] string file = "",
        [CallerMemberName] string member = "", [CallerLineNumber] int line = 0) =>
        (int)Words.Modify(Operation.Exchange, word, 4, (uint)value, 0, new Site(file, member, line));

    public static nuint CompareExchange(nuint* word, nuint value, nuint expected, [CallerFilePath] string file = "",
        [CallerMemberName] string member = "", [CallerLineNumber] int line = 0) =>
        (nuint)Words.Modify(Operation.CompareExchange, word, 8, value, expected, new Site(file, member, line));

    public static int CompareExchange(int* word, int value, int expected, [CallerFilePath] string file = "",
        [CallerMemberName] string member = "", [CallerLineNumber] int line = 0) =>
        (int)Words.Modify(Operation.CompareExchange, word, 4, (uint)value, (uint)expected, new Site(file, member, line));

    /// <summary>Only words of checks that are off here use it: no point of its own.</summary>
    public static int Add(int* word, int value) => *word += value;

    public static void And(nuint* word, nuint mask, [CallerFilePath] string file = "",
        [CallerMemberName] string member = "", [CallerLineNumber] int line = 0) =>
        Words.Modify(Operation.And, word, 8, mask, 0, new Site(file, member, line));

    public static void Or(int* word, int bits, [CallerFilePath] string file = "",
        [CallerMemberName] string member = "", [CallerLineNumber] int line = 0) =>
        Words.Modify(Operation.Or, word, 4, (uint)bits, 0, new Site(file, member, line));

    public static void And(int* word, int mask, [CallerFilePath] string file = "",
        [CallerMemberName] string member = "", [CallerLineNumber] int line = 0) =>
        Words.Modify(Operation.And, word, 4, (uint)mask, 0, new Site(file, member, line));

    // The same for static fields, which do not move.

    public static nuint Load(ref nuint word, [CallerFilePath] string file = "",
        [CallerMemberName] string member = "", [CallerLineNumber] int line = 0) =>
        Load(Address.Of(ref word), file, member, line);

    public static int Load(ref int word, [CallerFilePath] string file = "",
        [CallerMemberName] string member = "", [CallerLineNumber] int line = 0) =>
        Load(Address.Of(ref word), file, member, line);

    public static void Store(ref nuint word, nuint value, [CallerFilePath] string file = "",
        [CallerMemberName] string member = "", [CallerLineNumber] int line = 0) =>
        Store(Address.Of(ref word), value, file, member, line);

    public static void Store(ref int word, int value, [CallerFilePath] string file = "",
        [CallerMemberName] string member = "", [CallerLineNumber] int line = 0) =>
        Store(Address.Of(ref word), value, file, member, line);

    public static int Exchange(ref int word, int value, [CallerFilePath] string file = "",
        [CallerMemberName] string member = "", [CallerLineNumber] int line = 0) =>
        Exchange(Address.Of(ref word), value, file, member, line);

    public static int CompareExchange(ref int word, int value, int expected, [CallerFilePath] string file = "",
        [CallerMemberName] string member = "", [CallerLineNumber] int line = 0) =>
        CompareExchange(Address.Of(ref word), value, expected, file, member, line);

    public static int Add(ref int word, int value) => word += value;

    public static void Or(ref int word, int bits, [CallerFilePath] string file = "",
        [CallerMemberName] string member = "", [CallerLineNumber] int line = 0) =>
        Or(Address.Of(ref word), bits, file, member, line);

    public static void And(ref int word, int mask, [CallerFilePath] string file = "",
        [CallerMemberName] string member = "", [CallerLineNumber] int line = 0) =>
        And(Address.Of(ref word), mask, file, member, line);

    public static void Fence() => Words.Fence();
}

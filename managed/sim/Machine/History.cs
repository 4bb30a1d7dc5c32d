// SPDX-License-Identifier: GPL-2.0-only
// A hash of what has happened so far that is the same for all orders of the same
// happens-before relation: two runs that differ only in the order of operations
// that do not touch each other are in the same state.
//
// Each operation's hash is made from its thread's one before and from the last
// operations on its word that it conflicts with; the state is their sum. Kept only
// for the exhaustive search, which stops where it has been (CHESS's trick).

using System.Runtime.InteropServices;

namespace Wq.Sim;

internal static unsafe class History
{
    private const int TableBits = 12;
    private const ulong WriteSalt = 0x9e3779b97f4a7c15;
    private const ulong ReadSalt = 0xc2b2ae3d27d4eb4f;

    private static readonly Word* s_words = (Word*)NativeMemory.AllocZeroed((1 << TableBits) * (nuint)sizeof(Word));
    private static uint s_run;

    private struct Word
    {
        public nuint Address;
        public uint Run;
        public ulong LastWrite;
        public ulong Reads; // Since.
    }

    public static bool IsOn { get; set; }

    public static ulong State { get; private set; }

    public static void Clear()
    {
        State = 0;
        s_run++;
    }

    /// <summary>The running thread's operation on <paramref name="address"/>, or on nothing shared if that is 0.</summary>
    public static void Event(nuint address, bool isWrite)
    {
        if (IsOn)
        {
            EventOf(Machine.Current, address, isWrite);
        }
    }

    public static void EventOf(SimThread thread, nuint address, bool isWrite)
    {
        if (!IsOn)
        {
            return;
        }
        ulong hash = Mix(thread.History + (ulong)thread.Id + (isWrite ? WriteSalt : ReadSalt));
        if (address != 0)
        {
            Word* word = Find(address);
            hash = Mix(hash ^ (word->LastWrite * WriteSalt));
            if (isWrite)
            {
                hash = Mix(hash ^ (word->Reads * ReadSalt));
                word->LastWrite = hash;
                word->Reads = 0;
            }
            else
            {
                word->Reads += hash;
            }
        }
        thread.History = hash;
        State += hash;
    }

    public static ulong Mix(ulong value)
    {
        value = (value ^ (value >> 30)) * 0xbf58476d1ce4e5b9;
        value = (value ^ (value >> 27)) * 0x94d049bb133111eb;
        return value ^ (value >> 31);
    }

    private static Word* Find(nuint address)
    {
        uint at = (uint)(Mix(address) >> (64 - TableBits));
        while (s_words[at].Run == s_run && s_words[at].Address != address)
        {
            at = (at + 1) & ((1 << TableBits) - 1);
        }
        if (s_words[at].Run != s_run)
        {
            s_words[at] = new Word { Address = address, Run = s_run };
        }
        return &s_words[at];
    }
}

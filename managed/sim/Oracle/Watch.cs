// SPDX-License-Identifier: GPL-2.0-only
// The eyes of the oracle: sees every operation on shared words as it is made.
//
// Nobody may touch a freed item, a stack that has been left, or nothing at all.
// A mutex taken or let go and a change of an item's state word are passed on to
// those who judge it.

using Wq.Core;

namespace Wq.Sim;

internal static unsafe class Watch
{
    private const nuint LowestAddress = 4096;

    public static void Check(nuint word)
    {
        int item = Items.Of(word);
        if (item >= 0 && Items.IsFreed(item))
        {
            Machine.Fail("item " + Program.NameOfItem(item) + " is touched after it was freed");
        }
        if (word < LowestAddress || Machine.IsDeadStack(word))
        {
            Machine.Fail("a thread touches memory that is gone: " + Names.OfWord(word));
        }
    }

    /// <summary>The thread is about to sleep on a word, or until something ends: not with a lock held, unless for another.</summary>
    public static void Sleeping(SimThread self, nuint word)
    {
        nuint held = self.Locks.FirstNotToSleepWith;
        if (held != 0 && (word == 0 || word != self.WantsLock))
        {
            Machine.Fail("a thread sleeps with a lock held: " + Names.OfWord(held));
        }
    }

    public static void Written(SimThread self, nuint word, ulong old, ulong value, in Site site)
    {
        int item = Items.Of(word);
        if (item >= 0 && word == (nuint)Items.WorkOf(item))
        {
            bool isUndone = ReferenceEquals(site.Member, nameof(Work.UndoTaking));
            Ledger.WordChanged(self, item, new WorkWord((nuint)old), new WorkWord((nuint)value), isUndone);
        }
    }

    public static void Modified(SimThread self, nuint word, ulong old, ulong value, in Site site)
    {
        if (ReferenceEquals(site.Member, "Lock") || ReferenceEquals(site.Member, "LockSlow"))
        {
            self.WantsLock = word;
            if (old == 0 && value != 0)
            {
                self.WantsLock = 0;
                self.Locks.Add(word);
            }
        }
        else if (ReferenceEquals(site.Member, "TryLock"))
        {
            if (old == 0 && value != 0)
            {
                self.Locks.Add(word);
            }
        }
        else if (ReferenceEquals(site.Member, "Unlock"))
        {
            Wheels.Unlocking(word);
            self.Locks.Remove(word);
        }
        else if (old != value)
        {
            Written(self, word, old, value, site);
        }
    }
}

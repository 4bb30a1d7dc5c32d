// SPDX-License-Identifier: GPL-2.0-only
// A socket on which the kernel announces devices that come and go.
//
// There may be no such socket, in a container for instance. The program may have closed
// it and opened something else under its number. So each use first asks whether the
// address bound to it is still ours. No locks.

using System;

namespace Wq.Os;

internal unsafe struct UeventSocket
{
    private const int Netlink = 16; // AF_NETLINK
    private const int None = -1;

    public int Fd; // Or None.
    private uint _port;

    public static void Open(UeventSocket* events)
    {
        const int Raw = 3, CloseOnExec = 0x80000, NonBlock = 0x800, KobjectUevent = 15;
        events->Fd = Libc.socket(Netlink, Raw | CloseOnExec | NonBlock, KobjectUevent);
        if (events->Fd < 0)
        {
            return;
        }
        uint* address = stackalloc uint[3]; // struct sockaddr_nl: family, port, groups
        address[0] = Netlink;
        address[1] = 0;
        address[2] = 1; // The kernel's messages, not udev's.
        int size = 3 * sizeof(uint);
        if (Libc.bind(events->Fd, address, size) != 0 || Libc.getsockname(events->Fd, address, &size) != 0)
        {
            Libc.close(events->Fd);
            events->Fd = None;
            return;
        }
        events->_port = address[1];
    }

    public static bool IsOurs(UeventSocket* events)
    {
        uint* address = stackalloc uint[3];
        int size = 3 * sizeof(uint);
        return events->Fd >= 0
            && Libc.getsockname(events->Fd, address, &size) == 0
            && (address[0] & 0xffff) == Netlink
            && address[1] == events->_port;
    }

    /// <summary>Reads all messages. True if one was about a CPU, or if messages were lost.</summary>
    public static bool TakeCpuEvents(UeventSocket* events)
    {
        const int Size = 4096, DontWait = 0x40;
        byte* text = stackalloc byte[Size];
        bool any = false;
        nint length = 1;
        while (length > 0 && IsOurs(events))
        {
            length = Libc.recv(events->Fd, text, Size, DontWait);
            any |= length > 0
                ? IsOfCpu(text, length)
                : Libc.Errno == Errno.ENOBUFS;
        }
        return any;
    }

    // A message names the device's path, among other things.
    private static bool IsOfCpu(byte* text, nint length)
    {
        ReadOnlySpan<byte> name = "/devices/system/cpu/cpu"u8;
        fixed (byte* path = name)
        {
            for (byte* end = text + length - name.Length; text <= end; text++)
            {
                int nrSame = 0;
                while (nrSame < name.Length && text[nrSame] == path[nrSame])
                {
                    nrSame++;
                }
                if (nrSame == name.Length)
                {
                    return true;
                }
            }
        }
        return false;
    }

    public static void Close(UeventSocket* events)
    {
        if (IsOurs(events))
        {
            Libc.close(events->Fd);
        }
        events->Fd = None;
    }
}

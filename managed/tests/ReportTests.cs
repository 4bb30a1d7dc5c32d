// SPDX-License-Identifier: GPL-2.0-only
using System.Runtime.InteropServices;
using System.Text;
using Wq.Base;
using Wq.Os;
using Workqueues.Tests;
using Xunit;

namespace Wq.Tests;

/// <summary>Reports: their text and their way out.</summary>
[Watched]
public unsafe class ReportTests
{
    private static int s_level;
    private static nint s_context;
    private static string? s_text;
    private static int s_once;

    [Theory]
    [InlineData(0, "0")]
    [InlineData(7, "7")]
    [InlineData(-1, "-1")]
    [InlineData(1234567890, "1234567890")]
    [InlineData(long.MaxValue, "9223372036854775807")]
    [InlineData(long.MinValue, "-9223372036854775808")]
    public void DecimalWritesEveryValue(long value, string text)
    {
        Report report = default;
        report.Decimal(value);
        Assert.Equal(text, TextOf(ref report));
    }

    [Fact]
    public void HexWritesLowerCaseWithAPrefix()
    {
        Report report = default;
        report.Hex(0);
        report.Text(" "u8);
        report.Hex(nuint.MaxValue);
        report.Text(" "u8);
        report.Hex(0xdeadbeef);
        Assert.Equal("0x0 0xffffffffffffffff 0xdeadbeef", TextOf(ref report));
    }

    [Fact]
    public void HexIsPaddedToTheDigitsAskedFor()
    {
        Report report = default;
        report.Hex(0, digits: 8);
        report.Text(" "u8);
        report.Hex(0x12ab, digits: 8);
        report.Text(" "u8);
        report.Hex(unchecked((nuint)0x123456789), digits: 8);
        Assert.Equal("0x00000000 0x000012ab 0x123456789", TextOf(ref report));
    }

    [Fact]
    public void APlaceIsKnownByItsLiteralsAndNotByWhatIsBetweenThem()
    {
        Assert.Equal(PlaceOf(1, tail: false), PlaceOf(2, tail: false));
        Assert.NotEqual(PlaceOf(1, tail: false), PlaceOf(1, tail: true));
    }

    [Fact]
    public void APlaceMayReportTenTimesAndOthersAreNotConcerned()
    {
        int missed;
        RateLimit.Reset();
        for (int i = 0; i < 30; i++)
            Assert.Equal(i < 10, RateLimit.MayReport(1001, &missed));
        Assert.True(RateLimit.MayReport(2001, &missed));
        RateLimit.Reset();
        Assert.True(RateLimit.MayReport(1001, &missed));
        Assert.Equal(0, missed);
        for (nuint place = 10_001; place < 10_200; place += 2) // more places than the table has
            Assert.True(RateLimit.MayReport(place, &missed));
        RateLimit.Reset();
    }

    [Fact]
    public void ANullCStringIsShownAsSuch()
    {
        Report report = default;
        fixed (byte* name = "events\0"u8)
            report.CString(name);
        report.Text("|"u8);
        report.CString(null);
        Assert.Equal("events|(null)", TextOf(ref report));
    }

    [Fact]
    public void TextThatDoesNotFitIsCutAndStillEndsInZero()
    {
        Report report = default;
        for (int i = 0; i < 300; i++)
            report.Text("0123456789"u8);
        Assert.Equal(Report.SizeBytes - 1, report.Length);
        string text = TextOf(ref report);
        Assert.Equal(Report.SizeBytes - 1, text.Length);
        Assert.EndsWith("01234567890123456", text);
    }

    [Theory]
    [InlineData(Bug.LogErr)]
    [InlineData(Bug.LogWarning)]
    public void AReportReachesTheHandlerWithLevelTextAndContext(int level)
    {
        Report report = default;
        report.Text("something happened"u8);
        Bug.SetHandler((delegate* unmanaged[SuppressGCTransition]<int, byte*, void*, void>)(delegate*<int, byte*, void*, void>)&Receive, (void*)1234);
        if (level == Bug.LogErr)
            Bug.Refuse(ref report);
        else
            Bug.Warn(ref report);
        Bug.SetHandler(null, null);
        Assert.Equal((level, "something happened", 1234), (s_level, s_text, s_context));
    }

    [Fact]
    public void OncePerIsTrueOnceForEachFlag()
    {
        int first = 0, second = 0;
        Assert.True(Bug.OncePer(ref first));
        Assert.False(Bug.OncePer(ref first));
        Assert.True(Bug.OncePer(ref second));
        int winners = 0;
        System.Threading.Tasks.Parallel.For(0, 64, _ =>
        {
            if (Bug.OncePer(ref s_once))
                System.Threading.Interlocked.Increment(ref winners);
        });
        Assert.Equal(1, winners);
    }

    [Fact]
    public void ASymbolIsNamedWhereThereIsOneElseItsAddressIsShown()
    {
        Report report = default;
        nint libc = NativeLibrary.Load("libc.so.6");
        Bug.AppendSymbol(ref report, (void*)NativeLibrary.GetExport(libc, "strtol"));
        report.Text(" "u8);
        Bug.AppendSymbol(ref report, (void*)0x10);
        report.Text(" "u8);
        Bug.AppendSymbol(ref report, null);
        Assert.Matches("^(__isoc23_)?strtol[a-z_]* 0x10 0x0$", TextOf(ref report));
    }

    [Fact]
    public void AFunctionWithoutASymbolIsShownByItsFileAndOffset()
    {
        // Nothing has a name at the start of a file, where its header is.
        nint libc = NativeLibrary.Load("libc.so.6");
        nint strtol = NativeLibrary.GetExport(libc, "strtol");
        DlInfo info;
        Assert.NotEqual(0, Libc.dladdr((void*)strtol, &info));
        Report report = default;
        Bug.AppendSymbol(ref report, (byte*)info.FileBase + 1);
        Assert.Equal("libc.so.6+0x1", TextOf(ref report));
    }

    [Theory]
    [InlineData("123", 123u)]
    [InlineData("0", 0u)]
    [InlineData("4294967295", uint.MaxValue)]
    [InlineData("4294967296", 7u)]
    [InlineData("99999999999999999999999", 7u)]
    [InlineData("-1", 7u)]
    [InlineData("12s", 7u)]
    [InlineData("", 7u)]
    public void ANumberOfTheEnvironmentIsReadOrLeavesTheDefault(string value, uint expected)
    {
        uint number = 7;
        nint name = Marshal.StringToHGlobalAnsi("WQ_TEST_NUMBER");
        nint text = Marshal.StringToHGlobalAnsi(value);
        Assert.Equal(0, setenv(name, text, 1));
        Assert.Equal(expected != 7, Environ.TryUInt("WQ_TEST_NUMBER"u8, ref number));
        Assert.Equal(expected, number);
        Assert.Equal(value is not ("" or "0"), Environ.IsOn("WQ_TEST_NUMBER"u8));
        Marshal.FreeHGlobal(name);
        Marshal.FreeHGlobal(text);
    }

    [DllImport("libc")]
    private static extern int setenv(nint name, nint value, int overwrite);

    private static nuint PlaceOf(int number, bool tail)
    {
        Report report = default;
        report.Text("place "u8);
        report.Decimal(number);
        report.Text(tail ? " of one kind"u8 : " of another"u8);
        return report.Place;
    }

    private static string TextOf(ref Report report)
    {
        byte* text = stackalloc byte[Report.SizeBytes + 1];
        new System.Span<byte>(text, Report.SizeBytes + 1).Fill(0xff);
        report.CopyTo(text);
        return Encoding.UTF8.GetString(MemoryMarshal.CreateReadOnlySpanFromNullTerminated(text));
    }

    private static void Receive(int level, byte* text, void* context) =>
        (s_level, s_text, s_context) = (level, Marshal.PtrToStringUTF8((nint)text), (nint)context);
}

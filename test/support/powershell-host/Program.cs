// powershell-host --parse FILE...                      the syntax tree of each file, as JSON
// powershell-host [--prelude FILE] [--constrained] …   runs -Command TEXT, -EncodedCommand TEXT or -File FILE as powershell.exe would
using PowerShellHost;

if (args.Length > 0 && args[0] == "--parse")
{
    Console.Out.WriteLine(SyntaxReport.Of(args[1..]));
    return 0;
}
return Run.Of(RunOptions.Read(args));

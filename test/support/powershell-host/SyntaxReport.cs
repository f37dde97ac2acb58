using System.Management.Automation.Language;
using System.Text.Json;

namespace PowerShellHost;

/// <summary>What the engine's own parser says of a script: its errors, and everything in it that can act.</summary>
internal static class SyntaxReport
{
    public static string Of(IEnumerable<string> files) => JsonSerializer.Serialize(files.Select(OfFile));

    private static object OfFile(string file)
    {
        var tree = Parser.ParseInput(File.ReadAllText(file), out _, out var errors);
        return new
        {
            file,
            errors = errors.Select(error => $"{error.Extent.StartLineNumber}: {error.ErrorId}"),
            commands = All<CommandAst>(tree).Select(command => new
            {
                // Null where the name is computed.
                name = command.GetCommandName(),
                text = command.Extent.Text,
                call = command.InvocationOperator.ToString(),
                // Parameters as the parser binds them, with the text of constant arguments.
                parameters = command.CommandElements.OfType<CommandParameterAst>().Select(one => one.ParameterName),
            }),
            functions = All<FunctionDefinitionAst>(tree).Select(function => function.Name),
            types = All<TypeExpressionAst>(tree).Select(type => type.TypeName.FullName)
                .Concat(All<ConvertExpressionAst>(tree).Select(cast => cast.Type.TypeName.FullName))
                .Concat(All<TypeConstraintAst>(tree).Select(constraint => constraint.TypeName.FullName))
                .Distinct(),
            methods = All<InvokeMemberExpressionAst>(tree)
                .Select(call => $"{call.Expression.Extent.Text}.{call.Member.Extent.Text}").Distinct(),
            // The values of all constant texts, as the engine reads them.
            texts = All<StringConstantExpressionAst>(tree).Select(text => text.Value).Distinct(),
        };
    }

    private static IEnumerable<T> All<T>(Ast tree) where T : Ast => tree.FindAll(node => node is T, true).Cast<T>();
}

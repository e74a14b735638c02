// SPDX-License-Identifier: MIT
#include "app/cli/completion.h"

#include <CLI/App.hpp>

namespace depthscope::cli {

namespace {

/// Options and commands that may follow, separated by spaces.
std::string wordsOf(const CLI::App& app) {
    std::string words;
    for (const CLI::App* sub : app.get_subcommands([](const CLI::App*) { return true; })) {
        words += sub->get_name() + ' ';
    }
    for (const CLI::Option* option : app.get_options()) {
        for (const std::string& name : option->get_lnames()) {
            words += "--" + name + ' ';
        }
    }
    return words;
}

void addCases(const CLI::App& app, const std::string& path, std::string& cases) {
    for (const CLI::App* sub : app.get_subcommands([](const CLI::App*) { return true; })) {
        const std::string name = path.empty() ? sub->get_name() : path + ' ' + sub->get_name();
        cases += "        \"" + name + "\") words=\"" + wordsOf(*sub) + "\";;\n";
        addCases(*sub, name, cases);
    }
}

} // namespace

std::string bashCompletion(const CLI::App& app) {
    std::string cases;
    addCases(app, {}, cases);
    return "_depthscope_cli() {\n"
           "    local word=\"${COMP_WORDS[COMP_CWORD]}\" words path=\"${COMP_WORDS[1]}\"\n"
           "    if [[ $path == tokenizer && $COMP_CWORD -gt 2 ]]; then\n"
           "        path+=\" ${COMP_WORDS[2]}\"\n"
           "    fi\n"
           "    [[ $COMP_CWORD -eq 1 ]] && path=\n"
           "    case \"$path\" in\n"
           "        \"\") words=\"" +
           wordsOf(app) + "\";;\n" + cases +
           "    esac\n"
           "    COMPREPLY=($(compgen -W \"$words\" -- \"$word\") $(compgen -f -- \"$word\"))\n"
           "}\n"
           "complete -o filenames -F _depthscope_cli depthscope-cli";
}

} // namespace depthscope::cli

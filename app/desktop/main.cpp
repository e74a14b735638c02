// SPDX-License-Identifier: MIT
// The desktop program: makes the laboratory, the window and, where asked for, a script, a picture
// or a bench of it.
#include "app/desktop/options.h"
#include "app/desktop/program.h"
#include "engine/base/error.h"
#include "engine/base/idle_threads.h"

#include <QApplication>
#include <algorithm>
#include <clocale>
#include <cstdio>
#include <exception>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace {

/// Qt takes "--session F" for its own, the id of a desktop's session; "--session=F" it leaves.
std::vector<std::string> wordsOf(std::span<char*> arguments) {
    std::vector<std::string> words;
    for (const char* word : arguments) {
        if (!words.empty() && words.back() == "--session") {
            words.back() += std::string("=") + word;
        } else {
            words.emplace_back(word);
        }
    }
    return words;
}

} // namespace

int main(int givenCount, char** given) {
    std::vector<std::string> text =
        wordsOf(std::span<char*>(given, static_cast<std::size_t>(givenCount)));
    std::vector<char*> argv;
    for (std::string& word : text) {
        argv.push_back(word.data());
    }
    int argc = static_cast<int>(argv.size());
    argv.push_back(nullptr);
    depthscope::limitIdleSpinning();
    QCoreApplication::setAttribute(Qt::AA_ShareOpenGLContexts);
    QCoreApplication::setOrganizationName(QStringLiteral("Depthscope"));
    QCoreApplication::setApplicationName(QStringLiteral("Depthscope"));
    QCoreApplication::setApplicationVersion(QStringLiteral(DEPTHSCOPE_VERSION));
    // What only prints needs no display.
    const std::span<char*> words(argv.data(), static_cast<std::size_t>(argc));
    if (std::ranges::any_of(words, [](std::string_view word) {
            return word == "--help" || word == "-h" || word == "--version" || word == "-v";
        })) {
        qputenv("QT_QPA_PLATFORM", "offscreen");
    }
    QApplication application(argc, argv.data());
    // Qt has taken the user's locale, where 1/2 may print as 0,5. Files are read and written with a
    // point; what people see is formatted by QLocale.
    std::setlocale(LC_NUMERIC, "C");
    QGuiApplication::setDesktopFileName(QStringLiteral("io.github.depthscope.Depthscope"));
    try {
        depthscope::desktop::Program program(
            depthscope::desktop::parseOptions(QCoreApplication::arguments()));
        return program.run();
    } catch (const depthscope::Error& error) {
        std::fprintf(stderr, "depthscope: %s\n", error.what());
        if (!error.hint().empty()) {
            std::fprintf(stderr, "%s\n", error.hint().c_str());
        }
        return depthscope::exitCode(error.code());
    } catch (const std::exception& error) {
        std::fprintf(stderr, "depthscope: %s\n", error.what());
        return 1;
    }
}

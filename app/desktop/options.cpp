// SPDX-License-Identifier: MIT
#include "app/desktop/options.h"

#include "engine/base/error.h"

#include <QCommandLineParser>
#include <QCoreApplication>
#include <cstdio>
#include <string>

namespace depthscope::desktop {

namespace {

[[noreturn]] void refuse(const QString& message, const QString& hint) {
    throw Error(ErrorCode::Usage, message.toStdString(), hint.toStdString());
}

QSize parseSize(const QString& text) {
    const QStringList parts = text.split(QLatin1Char('x'));
    const int width = parts.value(0).toInt();
    const int height = parts.value(1).toInt();
    if (parts.size() != 2 || width < 200 || height < 200 || width > 16384 || height > 16384) {
        refuse(QStringLiteral("--size: \"%1\" is not a size").arg(text),
               QStringLiteral("Give width and height in pixels, for example --size 1500x950."));
    }
    return {width, height};
}

panels::ThemeChoice parseTheme(const QString& text) {
    if (text == QLatin1String("light")) {
        return panels::ThemeChoice::Light;
    }
    if (text == QLatin1String("dark")) {
        return panels::ThemeChoice::Dark;
    }
    if (text == QLatin1String("system")) {
        return panels::ThemeChoice::System;
    }
    refuse(QStringLiteral("--theme: unknown theme \"%1\"").arg(text),
           QStringLiteral("Valid themes: light, dark, system."));
}

std::pair<QString, QString> parseExport(const QString& text) {
    const qsizetype at = text.indexOf(QLatin1Char('='));
    if (at <= 0 || at + 1 == text.size()) {
        refuse(QStringLiteral("--export: \"%1\" is not PANEL=FILE").arg(text),
               QStringLiteral(
                   "For example: --export panel.depth=depth.svg; --list shows the panels."));
    }
    return {text.left(at), text.mid(at + 1)};
}

void setFigure(panels::FigureOptions& options, const char* name, const QString& value) {
    try {
        panels::setFigureOption(options, QString::fromLatin1(name), value);
    } catch (const Error& error) {
        refuse(QStringLiteral("--export-") + QString::fromStdString(error.message()),
               QString::fromStdString(error.hint()));
    }
}

int parseThreads(const QString& text) {
    bool good = false;
    const int threads = text.toInt(&good);
    if (!good || threads < 1 || threads > 1024) {
        refuse(QStringLiteral("--threads: \"%1\" is not a number of threads").arg(text),
               QStringLiteral("Give auto or 1 to 1024."));
    }
    return threads;
}

double parseSeconds(const QString& text) {
    bool good = false;
    const double seconds = text.toDouble(&good);
    if (!good || !(seconds >= 0 && seconds <= 86400)) {
        refuse(QStringLiteral("--exit-after: must be a number of seconds"),
               QStringLiteral("Give 0 to 86400."));
    }
    return seconds;
}

void declare(QCommandLineParser& parser) {
    parser.setApplicationDescription(QStringLiteral("A laboratory for adaptive computation."));
    parser.addHelpOption();
    parser.addVersionOption();
    parser.addPositionalArgument(
        QStringLiteral("FILE"),
        QStringLiteral("A recording, a video or an image, a text file or a model folder."),
        QStringLiteral("[FILE]"));
    const auto option = [&](const char* name, const char* help, const char* value = nullptr) {
        QCommandLineOption declared(QString::fromLatin1(name), QString::fromLatin1(help));
        if (value) {
            declared.setValueName(QString::fromLatin1(value));
        }
        parser.addOption(declared);
    };
    option("model", "Model folder, or the name of a bundled model.", "M");
    option("demo", "Show the bundled recording, then the bundled model live.");
    option("new", "Start without the last session.");
    option("session", "File of the session to come back to and to keep, instead of the user's.",
           "F");
    option("script", "Run the user actions listed in a JSON file, then exit.", "F");
    option("screenshot",
           "Save a picture of the window: just before exiting, else when idle; then exit.", "F");
    option("export", "Save a panel as svg, pdf, png, csv or json when idle, then exit.",
           "PANEL=FILE");
    for (const panels::FigureOptionInfo& figure : panels::kFigureOptions) {
        option(("export-" + std::string(figure.name)).c_str(), figure.help, figure.value);
    }
    option("size", "Window size.", "WxH");
    option("exit-after", "Exit after this many seconds.", "S");
    option("bench", "Run a benchmark: --bench window, playing or rerouting.", "SUITE");
    option("list", "List panels, actions, settings and models, for scripts.");
    option("theme", "light, dark or system.", "T");
    option("device", "auto, cpu, cuda or cuda:N.", "D");
    option("threads", "Engine threads; auto measures the best number.", "N");
}

} // namespace

Options parseOptions(const QStringList& arguments) {
    QCommandLineParser parser;
    declare(parser);
    if (!parser.parse(arguments)) {
        refuse(parser.errorText(), QStringLiteral("depthscope --help lists the options."));
    }
    if (parser.isSet(QStringLiteral("help"))) {
        parser.showHelp(0);
    }
    if (parser.isSet(QStringLiteral("version"))) {
        parser.showVersion();
    }
    Options options;
    const QStringList files = parser.positionalArguments();
    if (files.size() > 1) {
        refuse(QStringLiteral("more than one file: %1").arg(files.join(QStringLiteral(", "))),
               QStringLiteral("Give one recording, text file or model folder."));
    }
    options.file = files.value(0);
    options.model = parser.value(QStringLiteral("model"));
    options.demo = parser.isSet(QStringLiteral("demo"));
    options.fresh = parser.isSet(QStringLiteral("new"));
    options.session = parser.value(QStringLiteral("session"));
    options.script = parser.value(QStringLiteral("script"));
    options.screenshot = parser.value(QStringLiteral("screenshot"));
    options.list = parser.isSet(QStringLiteral("list"));
    options.bench = parser.value(QStringLiteral("bench"));
    for (const QString& text : parser.values(QStringLiteral("export"))) {
        options.exports.push_back(parseExport(text));
    }
    for (const panels::FigureOptionInfo& figure : panels::kFigureOptions) {
        const QString name = QStringLiteral("export-") + QLatin1String(figure.name);
        if (parser.isSet(name)) {
            setFigure(options.figure, figure.name, parser.value(name));
        }
    }
    if (parser.isSet(QStringLiteral("size"))) {
        options.size = parseSize(parser.value(QStringLiteral("size")));
    }
    if (parser.isSet(QStringLiteral("theme"))) {
        options.theme = parseTheme(parser.value(QStringLiteral("theme")));
    }
    if (parser.isSet(QStringLiteral("device"))) {
        options.device = parser.value(QStringLiteral("device"));
    }
    if (const QString threads = parser.value(QStringLiteral("threads"));
        !threads.isEmpty() && threads != QLatin1String("auto")) {
        options.threads = parseThreads(threads);
    }
    if (parser.isSet(QStringLiteral("exit-after"))) {
        options.exitAfter = parseSeconds(parser.value(QStringLiteral("exit-after")));
    }
    if (!options.bench.isEmpty() && options.bench != QLatin1String("window") &&
        options.bench != QLatin1String("playing") && options.bench != QLatin1String("rerouting")) {
        refuse(QStringLiteral("--bench: unknown suite \"%1\"").arg(options.bench),
               QStringLiteral("Valid suites: window, playing, rerouting."));
    }
    return options;
}

} // namespace depthscope::desktop

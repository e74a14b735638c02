// SPDX-License-Identifier: MIT
#include "app/desktop/program.h"

#include "app/desktop/script_runner.h"
#include "app/desktop/window_bench.h"
#include "engine/recording/save.h"
#include "engine/runtime/clip_pictures.h"
#include "engine/runtime/engine_runtime.h"
#include "engine/runtime/replay_runtime.h"
#include "widgets/panels/theme_style.h"

#include <QAction>
#include <QApplication>
#include <QDir>
#include <QFileInfo>
#include <QSettings>
#include <QStandardPaths>
#include <QTimer>
#include <cstdio>
#include <type_traits>
#include <utility>

namespace depthscope::desktop {

namespace {

constexpr double kIdleSeconds = 300;
constexpr const char* kDemoModel = "demo-mor-expert";
constexpr const char* kFirstText =
    "The cat sat on the mat, and the dog that chased the cats was asleep.";

lab::Backends backendsOf(const Options& options) {
    runtime::EngineOptions engine;
    engine.device = options.device.toStdString();
    engine.threads = options.threads;
    engine.interactive = true;
    lab::Backends backends;
    backends.live = [engine](runtime::Wake wake) {
        return runtime::makeEngineRuntime(engine, std::move(wake));
    };
    backends.replay = [](const std::string& file, runtime::Wake wake) {
        return std::make_unique<runtime::ReplayRuntime>(file, std::move(wake));
    };
    backends.save = [](const std::string& file, const recording::Recording& made) {
        recording::saveRecording(file, runtime::packed(made.steps), made.recipe, {},
                                 {.annotations = {}, .lanes = made.lanes});
    };
    return backends;
}

QString sessionFile(const Options& options) {
    return options.session.isEmpty()
               ? QStandardPaths::writableLocation(QStandardPaths::AppConfigLocation) +
                     QStringLiteral("/session.json")
               : options.session;
}

/// Beside a script, layout and theme are not the user's but those of the session that it names.
void useSettingsBeside(const QString& session) {
    QSettings::setDefaultFormat(QSettings::IniFormat);
    QSettings::setPath(QSettings::IniFormat, QSettings::UserScope,
                       QFileInfo(session).absoluteFilePath() + QStringLiteral(".settings"));
}

/// The values of a setting that is one of a few words.
template <class Value>
QString wordsOf(Value value) {
    QStringList names;
    for (const std::string_view name : settings::namesOf(value)) {
        names << QString::fromUtf8(name.data(), static_cast<qsizetype>(name.size()));
    }
    return names.join(QStringLiteral(", "));
}

void say(const QString& line) {
    std::fprintf(stderr, "depthscope: %s\n", line.toUtf8().constData());
}

} // namespace

Program::Program(Options options)
    : m_options(std::move(options))
    , m_steps(m_options.script.isEmpty() ? std::vector<Step>() : readScript(m_options.script))
    , m_lab(backendsOf(m_options),
            lab::ModelCatalog(lab::ModelCatalog::rootsFor(QCoreApplication::applicationDirPath())))
    , m_idle(m_lab) {
    m_sinceStart.start();
    if (m_options.isolated() && m_options.keepsSession()) {
        useSettingsBeside(m_options.session);
    }
    panels::WindowOptions window;
    window.remembers = m_options.keepsSession();
    window.theme = m_options.theme;
    window.systemIsDark = panels::systemIsDark(QApplication::palette());
    m_window = std::make_unique<panels::MainWindow>(m_lab, m_text, window);
    if (!m_options.size.isEmpty()) {
        m_window->resize(m_options.size);
        m_window->resetLayout();
    }
    if (m_options.keepsSession()) {
        m_session = std::make_unique<panels::SessionMemory>(*m_window, sessionFile(m_options));
    }
}

Program::~Program() = default;

int Program::run() {
    if (m_options.list) {
        printList();
        return 0;
    }
    connect(&m_lab, &lab::LabController::errorRaised, this,
            [](const QString& title, const QString& message, const QString& hint) {
                say(title + QStringLiteral(": ") + message + QLatin1Char(' ') + hint);
            });
    m_window->show();
    // After the first paint: nothing that opens here may delay it.
    QTimer::singleShot(0, this, &Program::open);
    const int code = QApplication::exec();
    if (m_session) {
        m_session->write();
    }
    return code;
}

/// A window that cannot be as small as it was asked to be says how small it can be.
void Program::checkSize() const {
    const QSize requested = m_options.size;
    const QSize got = m_window->size();
    if (!requested.isEmpty() &&
        (got.width() > requested.width() || got.height() > requested.height())) {
        say(QStringLiteral("--size %1x%2 is below the minimum of %5x%6: the window opens at "
                           "%3x%4")
                .arg(requested.width())
                .arg(requested.height())
                .arg(got.width())
                .arg(got.height())
                .arg(m_window->minimumSizeHint().width())
                .arg(m_window->minimumSizeHint().height()));
    }
}

void Program::show(const QString& demo) {
    if (!m_options.model.isEmpty()) {
        m_window->openModel(m_options.model);
    } else if (m_options.file.isEmpty() || m_options.demo) {
        m_lab.openDemo(m_lab.catalog().demoRecording(), demo);
    } else if (!demo.isEmpty() && !QFileInfo(m_options.file).isDir()) {
        m_lab.loadModel(demo);
    }
    if (!m_options.file.isEmpty()) {
        m_window->openPath(m_options.file);
    } else if (m_lab.catalog().demoRecording().isEmpty() || !m_options.model.isEmpty()) {
        runtime::Prompt prompt;
        prompt.text = kFirstText;
        m_lab.setPrompt(std::move(prompt), lab::Author::Program);
    }
    if (!m_options.opensSomething() && m_window->isFirstStart()) {
        m_window->showWelcome();
    }
}

void Program::open() {
    checkSize();
    const QString demo = m_lab.catalog().find(QString::fromLatin1(kDemoModel));
    if (!m_options.comesBack() || !m_session->restore(demo)) {
        show(demo);
    }
    if (m_session) {
        m_session->start();
    }
    if (m_options.exitAfter >= 0) {
        QTimer::singleShot(static_cast<int>(m_options.exitAfter * 1000), this,
                           [this] { finish(0); });
    }
    if (!m_options.bench.isEmpty()) {
        auto* bench = new WindowBench(*m_window, m_text, m_sinceStart, this);
        connect(bench, &WindowBench::finished, this, &Program::finish);
        if (m_options.bench == QLatin1String("playing")) {
            bench->startPlaying();
        } else if (m_options.bench == QLatin1String("rerouting")) {
            bench->startRerouting();
        } else {
            bench->start();
        }
    } else if (!m_steps.empty() || !m_options.script.isEmpty()) {
        runScript(std::move(m_steps));
    } else if (m_options.exitAfter < 0 &&
               (!m_options.screenshot.isEmpty() || !m_options.exports.empty())) {
        whenIdle();
    }
}

void Program::runScript(std::vector<Step> steps) {
    auto* runner = new ScriptRunner(*m_window, std::move(steps), this);
    connect(runner, &ScriptRunner::finished, this, [this] {
        if (m_options.exitAfter < 0) {
            finish(0);
        }
    });
    connect(runner, &ScriptRunner::failed, this, [this](qsizetype index, const QString& reason) {
        say(tr("%1: step %2: %3").arg(m_options.script).arg(index).arg(reason));
        finish(3);
    });
    runner->start();
}

void Program::whenIdle() {
    connect(&m_idle, &IdleWaiter::idle, this, [this] { finish(0); });
    connect(&m_idle, &IdleWaiter::timedOut, this, [this] {
        say(tr("still busy after %1 s; saving the picture now").arg(kIdleSeconds));
        finish(0);
    });
    m_idle.start(kIdleSeconds);
}

int Program::savePictures() {
    int code = 0;
    if (!m_options.screenshot.isEmpty() && !m_window->picture().save(m_options.screenshot)) {
        say(tr("%1 could not be written: check the folder and the extension (png, jpg)")
                .arg(m_options.screenshot));
        code = 3;
    }
    for (const auto& [id, file] : m_options.exports) {
        panels::InstrumentPanel* panel = m_window->panel(id);
        if (!panel) {
            say(tr("panel %1 not found; --list shows the panels").arg(id));
            code = 2;
            continue;
        }
        try {
            m_window->exportPanel(*panel, file, m_options.figure);
        } catch (const Error& error) {
            say(QString::fromStdString(error.message()) + QLatin1Char(' ') +
                QString::fromStdString(error.hint()));
            code = exitCode(error.code());
        }
    }
    return code;
}

void Program::finish(int code) {
    if (std::exchange(m_finished, true)) {
        return;
    }
    const int saved = savePictures();
    QApplication::exit(code != 0 ? code : saved);
}

void Program::printList() {
    const auto section = [](const char* title) { std::printf("%s\n", title); };
    const auto line = [](const QString& name, const QString& text) {
        std::printf("  %-28s %s\n", name.toUtf8().constData(), text.toUtf8().constData());
    };
    section("panels");
    for (const panels::InstrumentPanel* panel : m_window->panels()) {
        line(panel->id(), panel->title());
    }
    section("actions");
    for (const QAction* action : m_window->findChildren<QAction*>()) {
        if (!action->objectName().isEmpty() && action->objectName().contains(QLatin1Char('.'))) {
            line(action->objectName(), action->text().remove(QLatin1Char('&')));
        }
    }
    section("settings");
    const settings::LabSettings defaults;
    settings::LabSettings::visit(
        defaults, [&](const settings::FieldInfo& field, const auto& value) {
            line(QString::fromLatin1(field.name), QString::fromLatin1(field.help));
            if constexpr (std::is_enum_v<std::remove_cvref_t<decltype(value)>>) {
                line(QString(), wordsOf(value));
            }
        });
    line(QStringLiteral("capacity.N"), tr("Capacity of recursion N"));
    line(QStringLiteral("theme"), tr("light, dark or system"));
    line(QStringLiteral("zoom"), tr("Size of text and controls, 0.7 to 2.5"));
    section("models");
    for (const lab::ModelEntry& entry : m_lab.catalog().bundled()) {
        line(entry.name, QDir::toNativeSeparators(entry.folder));
    }
}

} // namespace depthscope::desktop

// SPDX-License-Identifier: MIT
#include "app/desktop/script_reasons.h"

#include "widgets/lab/clip_player.h"
#include "widgets/lab/lab_controller.h"
#include "widgets/panels/main_window.h"
#include "widgets/panels/window_actions.h"

#include <QAction>
#include <QComboBox>
#include <QStringList>
#include <algorithm>
#include <string_view>

namespace depthscope::desktop {

namespace {

/// Fields and buttons of dialogs are there while their dialog is.
struct Owner {
    const char* prefix;
    const char* dialog;
    const char* opensBy; ///< an action
};

constexpr Owner kOwners[] = {
    {"many.", "Generate many texts", "run.many"},
    {"measure.", "Measure routing", "run.measure"},
    {"figure.", "Export panel", "file.export.panel.depth"},
    {"export.", "Export video", "file.export-video"},
    {"new-clip.", "New procedural clip", "file.new-clip"},
    {"graded.", "New graded text", "file.graded"},
    {"class.", "New graded text", "file.graded"},
    {"recipe.", "the dialog of a recipe", "train.recipe"},
    {"welcome.", "Welcome", "help.welcome"},
    {"finder.", "Find an action", "help.find-action"},
    {"keyboard.", "Keyboard", "help.keyboard"},
};

QString whyNoDialog(const QString& name) {
    const auto* owner = std::ranges::find_if(
        kOwners, [&](const Owner& one) { return name.startsWith(QLatin1String(one.prefix)); });
    if (owner == std::end(kOwners)) {
        return {};
    }
    return QStringLiteral(
               "%1 is in %2, which is not open: put {\"action\": \"%3\"} before this step")
        .arg(name, QString::fromLatin1(owner->dialog), QString::fromLatin1(owner->opensBy));
}

QString whyNoVideo(const QString& name) {
    const bool isVideo = name.startsWith(QLatin1String("clip."));
    return isVideo && !lab::ClipPlayer::isAvailable()
               ? QStringLiteral("%1 needs video, which this program was built without").arg(name)
               : QString();
}

/// As scripts call an item: routing, policies and experts by their names, others as they are shown.
QString scriptName(const QComboBox& choice, int index) {
    const QVariant data = choice.itemData(index);
    const auto words = [](std::string_view name) {
        return QString::fromUtf8(name.data(), static_cast<qsizetype>(name.size()));
    };
    if (choice.objectName() == QLatin1String("routing")) {
        return words(settings::toString(static_cast<settings::Rule>(data.toInt())));
    }
    if (choice.objectName() == QLatin1String("kv")) {
        return words(settings::toString(static_cast<settings::KvPolicy>(data.toInt())));
    }
    return choice.objectName() == QLatin1String("experts") ? data.toString()
                                                           : choice.itemText(index);
}

/// Empty: not of a recursion, or the model has it.
QString whyNoRecursion(panels::MainWindow& window, const QString& name) {
    if (!name.startsWith(QLatin1String("capacity."))) {
        return {};
    }
    const auto model = window.lab().model();
    return model == nullptr
               ? QStringLiteral(
                     "%1 needs a model, and none is loaded: put {\"model\": NAME} before "
                     "this step")
                     .arg(name)
               : QStringLiteral("%1 must be of one of the recursions of %2, 1 to %3")
                     .arg(name, QString::fromStdString(model->name))
                     .arg(model->recursions);
}

} // namespace

QString whyNoSetting(panels::MainWindow& window, const QString& name) {
    for (const QString& reason :
         {whyNoDialog(name), whyNoRecursion(window, name), whyNoVideo(name)}) {
        if (!reason.isEmpty()) {
            return reason;
        }
    }
    return QStringLiteral("setting %1 not found: --list shows the settings, docs/cli.md the fields "
                          "of docks and dialogs")
        .arg(name);
}

QString whyNoChoice(const QComboBox& choice, int index, const QString& value) {
    const QString name = choice.objectName();
    if (!choice.isEnabled()) {
        return QStringLiteral("%1 cannot be changed now").arg(name);
    }
    if (choice.count() == 0) {
        return QStringLiteral("%1 has nothing to choose from yet").arg(name);
    }
    QStringList offered;
    for (int i = 0; i < choice.count(); ++i) {
        if (choice.model()->flags(choice.model()->index(i, 0)) & Qt::ItemIsEnabled) {
            offered << scriptName(choice, i);
        }
    }
    const QString valid = offered.join(QStringLiteral(", "));
    const QString why = index >= 0 ? choice.itemData(index, Qt::ToolTipRole).toString() : QString();
    if (!why.isEmpty()) {
        return QStringLiteral("%1 is not available: %2; now valid: %3").arg(value, why, valid);
    }
    return QStringLiteral("%1 must be one of: %2; not %3").arg(name, valid, value);
}

QString whyNoAction(const QString& name) {
    for (const QString& reason : {whyNoDialog(name), whyNoVideo(name)}) {
        if (!reason.isEmpty()) {
            return reason;
        }
    }
    return QStringLiteral("action %1 not found: --list shows the actions").arg(name);
}

QString whyNotNow(const QString& name, const QAction* action) {
    const QString why = action != nullptr ? panels::whyNot(*action) : QString();
    return why.isEmpty() ? QStringLiteral("action %1 is not available now").arg(name)
                         : QStringLiteral("action %1 is not available now: %2").arg(name, why);
}

QString whyNoPanel(const panels::MainWindow& window, const QString& id) {
    QStringList ids;
    for (const panels::InstrumentPanel* panel : window.panels()) {
        ids << panel->id();
    }
    return QStringLiteral("panel %1 not found; the panels are %2")
        .arg(id, ids.join(QStringLiteral(", ")));
}

} // namespace depthscope::desktop

// SPDX-License-Identifier: MIT
#include "widgets/panels/window_actions.h"

#include <QAction>
#include <QCoreApplication>
#include <QKeySequence>
#include <QMainWindow>
#include <QMenu>
#include <QMenuBar>
#include <QSet>
#include <algorithm>
#include <optional>
#include <utility>

namespace depthscope::panels {

namespace {

constexpr const char* kWhyNot = "whyNot";

/// As the menu shows it, without the mark of its key.
QString plain(const QString& text) {
    QString shown;
    for (qsizetype i = 0; i < text.size(); ++i) {
        if (text[i] == QLatin1Char('&') && i + 1 < text.size()) {
            ++i;
        }
        shown += text[i];
    }
    return shown;
}

void addMenu(const QMenu& menu, const QStringList& path, QList<WindowAction>& list) {
    for (QAction* action : menu.actions()) {
        if (action->isSeparator() || !action->isVisible()) {
            continue;
        }
        const QStringList own = path + QStringList{plain(action->text())};
        if (QMenu* inner = action->menu()) {
            Q_EMIT inner->aboutToShow(); // those that are filled or set only then
            addMenu(*inner, own, list);
        } else {
            list << WindowAction{action, own};
        }
    }
}

/// Where a word begins a word of a text: 0, elsewhere in it: 1; nothing: not there.
std::optional<int> placeOf(const QString& word, const QString& text) {
    bool found = false;
    for (qsizetype at = text.indexOf(word, 0, Qt::CaseInsensitive); at >= 0;
         at = text.indexOf(word, at + 1, Qt::CaseInsensitive)) {
        if (at == 0 || !text[at - 1].isLetterOrNumber()) {
            return 0;
        }
        found = true;
    }
    return found ? std::optional(1) : std::nullopt;
}

/// Less is better; nothing: a word is missing.
std::optional<int> distance(const WindowAction& action, const QStringList& words) {
    constexpr int kElsewhere = 2; // than in the name
    int sum = 0;
    for (const QString& word : words) {
        if (const std::optional<int> place = placeOf(word, action.name())) {
            sum += *place;
        } else if (const std::optional<int> other =
                       placeOf(word, action.pathText() + QLatin1Char(' ') + action.keysText())) {
            sum += kElsewhere + *other;
        } else {
            return std::nullopt;
        }
    }
    return sum;
}

} // namespace

QString WindowAction::pathText() const {
    return path.join(QStringLiteral(" > "));
}

QString WindowAction::keysText() const {
    QStringList keys;
    for (const QKeySequence& sequence : action->shortcuts()) {
        keys << sequence.toString(QKeySequence::NativeText);
    }
    return keys.join(QStringLiteral(", "));
}

QList<WindowAction> windowActions(const QMainWindow& window) {
    QList<WindowAction> list;
    const QWidget* bar = window.menuWidget();
    for (QAction* action : bar != nullptr ? bar->actions() : QList<QAction*>()) {
        if (QMenu* menu = action->menu()) {
            Q_EMIT menu->aboutToShow();
            addMenu(*menu, {plain(action->text())}, list);
        }
    }
    QSet<const QAction*> known;
    for (const WindowAction& one : std::as_const(list)) {
        known.insert(one.action);
    }
    const QString keys = QCoreApplication::translate("WindowActions", "Keys");
    for (QAction* action : window.actions()) {
        if (!known.contains(action) && !action->text().isEmpty() && action->isVisible()) {
            list << WindowAction{action, {keys, plain(action->text())}};
        }
    }
    return list;
}

QList<WindowAction> matching(const QList<WindowAction>& actions, const QString& query) {
    const QStringList words = query.simplified().split(QLatin1Char(' '), Qt::SkipEmptyParts);
    QList<std::pair<int, WindowAction>> found;
    for (const WindowAction& action : actions) {
        if (const std::optional<int> far = distance(action, words)) {
            found.emplace_back(*far, action);
        }
    }
    std::stable_sort(found.begin(), found.end(),
                     [](const auto& a, const auto& b) { return a.first < b.first; });
    QList<WindowAction> result;
    for (const auto& [far, action] : std::as_const(found)) {
        result << action;
    }
    return result;
}

void allow(QAction& action, bool allowed, const QString& otherwise) {
    action.setProperty(kWhyNot, allowed ? QString() : otherwise);
    action.setEnabled(allowed);
}

QString whyNot(const QAction& action) {
    return action.isEnabled() ? QString() : action.property(kWhyNot).toString();
}

} // namespace depthscope::panels

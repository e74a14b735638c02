// SPDX-License-Identifier: MIT
// What tests of sessions do with a window, whatever engine is behind it.
#pragma once

#include "widgets/panels/figure_restorer.h"
#include "widgets/panels/main_window.h"
#include "widgets/panels/training_offer.h"

#include <QAbstractButton>
#include <QCoreApplication>
#include <QLabel>
#include <QMessageBox>
#include <QSettings>
#include <QStandardPaths>
#include <QString>

namespace depthscope::test {

/// Settings that are nobody's.
inline void useOwnSettings(const char* name) {
    QStandardPaths::setTestModeEnabled(true);
    QCoreApplication::setOrganizationName(QStringLiteral("depthscope-tests"));
    QCoreApplication::setApplicationName(QString::fromLatin1(name));
    QSettings().clear();
}

/// The question before closing; null: none is on screen.
[[nodiscard]] inline QMessageBox* question(const panels::MainWindow& window) {
    auto* box = window.findChild<QMessageBox*>(QStringLiteral("closing"));
    return box != nullptr && box->isVisible() ? box : nullptr;
}

/// False: there is no such button.
inline bool press(const panels::MainWindow& window, const char* name) {
    auto* button = window.findChild<QAbstractButton*>(QString::fromLatin1(name));
    if (button != nullptr) {
        button->click();
    }
    return button != nullptr;
}

[[nodiscard]] inline panels::TrainingOffer& offer(const panels::MainWindow& window) {
    return *window.findChild<panels::TrainingOffer*>();
}

[[nodiscard]] inline bool isRestoring(const panels::MainWindow& window) {
    return window.findChild<panels::FigureRestorer*>()->isRunning();
}

[[nodiscard]] inline QString badge(const panels::MainWindow& window) {
    return window.findChild<QLabel*>(QStringLiteral("badge"))->text();
}

} // namespace depthscope::test

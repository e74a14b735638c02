// SPDX-License-Identifier: MIT
#include "widgets/panels/theme_style.h"

#include "widgets/paint/qt/fonts.h"
#include "widgets/scene/color_map.h"

#include <QApplication>
#include <QStyle>
#include <QStyleFactory>
#include <algorithm>
#include <cmath>
#include <utility>

namespace depthscope::panels {

namespace {

QString css(scene::Color color) {
    return QStringLiteral("rgba(%1,%2,%3,%4)")
        .arg(color.r)
        .arg(color.g)
        .arg(color.b)
        .arg(QString::number(color.a / 255.0, 'f', 3));
}

/// Lengths "@8" are logical pixels before the zoom, names "@text" are colours of the theme.
constexpr const char* kSheet = R"(
QMainWindow::separator { background: @surface; width: 1px; height: 1px; border: 0; }
QMainWindow::separator:vertical { background: @hairline; width: 1px; }
QMainWindow::separator:horizontal { background: @hairline; height: 1px; }
QMainWindow::separator:hover { background: @accent; }
QMainWindow > QTabBar { background: @surface; }
QMainWindow > QTabBar::tab { background: @surface; color: @muted; border: 0; border-bottom: 1px solid @hairline; padding: @4 @12; }
QMainWindow > QTabBar::tab:selected { color: @text; border-bottom: 2px solid @text; }
QMainWindow > QTabBar::tab:hover { background: @hover; }
QMainWindow > QTabBar QToolButton { background: @raised; padding: 0; }
QMainWindow > QTabBar::scroller { width: @24; }
QMenuBar { background: @raised; padding: 0 @4; }
QMenuBar::item { padding: @4 @8; background: transparent; border-radius: @4; }
QMenuBar::item:selected { background: @hover; }
QMenu { background: @raised; border: 1px solid @hairline; padding: @4; }
QMenu::item { padding: @5 @24 @5 @24; border-radius: @4; }
QMenu::item:selected { background: @hover; }
QMenu::item:disabled { color: @faint; }
QMenu::separator { height: 1px; background: @hairline; margin: @4 @8; }
QToolBar { background: @raised; border: 0; border-bottom: 1px solid @hairline; padding: @5 @8; spacing: @8; }
QToolButton { border: 1px solid transparent; border-radius: @4; padding: @4 @8; }
QToolButton#headButton { padding: @3; }
QToolButton:hover { background: @hover; }
QToolButton:pressed, QToolButton:checked { background: @pressed; }
QToolButton:focus { border: 1px solid @accent; }
QToolButton::menu-indicator { image: none; }
QPushButton { background: @field; border: 1px solid @edge; border-radius: @4; padding: @4 @12; }
QPushButton:hover { background: @hover; }
QPushButton:pressed { background: @pressed; }
QPushButton:focus { border: 1px solid @accent; }
QPushButton:disabled { color: @faint; border-color: @hairline; background: transparent; }
QPushButton#primary, QPushButton[primary="true"], QToolButton#primary { background: @text; color: @surface; border: 1px solid @text; padding: @4 @12; }
QPushButton#primary:hover, QPushButton[primary="true"]:hover, QToolButton#primary:hover { background: @strong; }
QPushButton#primary:focus, QPushButton[primary="true"]:focus, QToolButton#primary:focus { border: 1px solid @accent; }
QPushButton#primary:disabled, QPushButton[primary="true"]:disabled, QToolButton#primary:disabled { background: transparent; color: @faint; border-color: @hairline; }
QPushButton#quiet { background: transparent; border: 1px solid transparent; color: @muted; padding: @2 @4; }
QPushButton#quiet:hover { color: @text; background: @hover; }
QPushButton#quiet:focus { border: 1px solid @accent; }
QLineEdit, QAbstractSpinBox, QComboBox { background: @field; border: 1px solid @edge; border-radius: @4; padding: @2 @5; min-height: @18; }
QLineEdit, QAbstractSpinBox { selection-background-color: @accent; }
QLineEdit:focus, QAbstractSpinBox:focus, QComboBox:focus, QPlainTextEdit:focus { border: 1px solid @accent; }
QLineEdit:disabled, QAbstractSpinBox:disabled, QComboBox:disabled { color: @faint; background: transparent; border-color: @hairline; }
QLineEdit[invalid="true"] { border: 1px solid @error; }
QComboBox::drop-down { border: 0; width: @20; }
QComboBox::down-arrow { image: none; }
QComboBox QAbstractItemView { background: @raised; border: 1px solid @hairline; selection-background-color: @hover;
    selection-color: @text; outline: 0; padding: @4; }
QPlainTextEdit { background: @field; border: 1px solid @edge; border-radius: @4; padding: @4; }
QTableView { background: @surface; border: 0; gridline-color: @hairline; selection-background-color: @hover; selection-color: @text; }
QHeaderView { background: @surface; }
QHeaderView::section { background: @surface; color: @muted; border: 0; border-bottom: 1px solid @hairline; padding: @4 @8; }
QTableCornerButton::section { background: @surface; border: 0; }
QScrollBar:vertical { background: transparent; width: @10; margin: 0; }
QScrollBar:horizontal { background: transparent; height: @10; margin: 0; }
QScrollBar::handle { background: @faint; border-radius: @3; margin: @2; min-height: @24; min-width: @24; }
QScrollBar::handle:hover { background: @muted; }
QScrollBar::add-line, QScrollBar::sub-line, QScrollBar::add-page, QScrollBar::sub-page { background: transparent; border: 0; height: 0; width: 0; }
QStatusBar { background: @raised; border-top: 1px solid @hairline; }
QStatusBar::item { border: 0; }
QScrollArea { border: 0; background: transparent; }
QToolTip { background: @raised; color: @text; border: 1px solid @hairline; padding: @4; }
QLabel#panelTitle { color: @text; border: 0; border-bottom: 2px solid transparent; }
QLabel#panelTitle[marked="true"] { border-bottom: 2px solid @accent; }
QDialog#finder { background: @raised; border: 1px solid @edge; }
QDialog#finder QTableView { background: @raised; }
QLabel#muted, QLabel#status { color: @muted; }
QLabel#amber { color: @warning; }
QWidget#panelHead { background: @surface; }
QWidget#panelBody { background: @surface; }
QLabel#badge { border: 1px solid @edge; border-radius: @3; padding: @2 @8; color: @muted; }
QLabel#badge[state="live"], QLabel#badge[state="unsaved"] { color: @text; border-color: @text; }
QLabel#badge[state="recorded"] { color: @surface; background: @muted; border-color: @muted; }
QFrame#banner { background: @raised; border: 0; border-bottom: 1px solid @hairline; }
QFrame#bannerEdge { background: @error; }
QToolBar#messages { padding: 0px; border: 0; }
QFrame#toast { background: @text; border-radius: @4; }
QFrame#toast QLabel { color: @surface; }
QFrame#toast QPushButton { background: transparent; color: @surface; border: 1px solid @muted; }
QFrame#toast QPushButton:hover { background: @strong; }
QFrame#toast QPushButton:focus { border: 1px solid @accent; }
QTableView::item { padding: 0 @8; }
QCheckBox { spacing: @8; }
)";

} // namespace

QColor toQt(scene::Color color) {
    return QColor(color.r, color.g, color.b, color.a);
}

QPalette paletteOf(const scene::Theme& theme) {
    const QColor surface = toQt(theme.surface);
    const QColor raised = toQt(theme.raised);
    const QColor text = toQt(theme.text);
    const QColor muted = toQt(theme.muted);
    const QColor field = toQt(scene::mix(
        theme.surface, theme.dark ? scene::Color{0, 0, 0, 255} : scene::Color{255, 255, 255, 255},
        0.6F));
    QPalette palette;
    palette.setColor(QPalette::Window, surface);
    palette.setColor(QPalette::WindowText, text);
    palette.setColor(QPalette::Base, field);
    palette.setColor(QPalette::AlternateBase, raised);
    palette.setColor(QPalette::Text, text);
    palette.setColor(QPalette::PlaceholderText, muted);
    palette.setColor(QPalette::Button, raised);
    palette.setColor(QPalette::ButtonText, text);
    palette.setColor(QPalette::ToolTipBase, raised);
    palette.setColor(QPalette::ToolTipText, text);
    palette.setColor(QPalette::Highlight, toQt(theme.accent));
    palette.setColor(QPalette::HighlightedText,
                     scene::contrast(theme.accent, {255, 255, 255, 255}) >= 4.5F ? Qt::white
                                                                                 : Qt::black);
    palette.setColor(QPalette::Link, toQt(theme.accent));
    // The one warning colour, for controls that paint themselves.
    palette.setColor(QPalette::BrightText, toQt(theme.warning));
    palette.setColor(QPalette::Mid, toQt(theme.hairline));
    palette.setColor(QPalette::Dark, toQt(theme.hairline));
    palette.setColor(QPalette::Light, raised);
    const QColor faint = toQt(scene::mix(theme.text, theme.surface, 0.42F));
    for (const QPalette::ColorRole role :
         {QPalette::WindowText, QPalette::Text, QPalette::ButtonText}) {
        palette.setColor(QPalette::Disabled, role, faint);
    }
    return palette;
}

QFont uiFont(const scene::Theme& theme) {
    return paint::qt::fontFor({scene::FontFamily::Ui, theme.fontSize, scene::FontWeight::Regular});
}

QFont monoFont(const scene::Theme& theme) {
    return paint::qt::fontFor(
        {scene::FontFamily::Mono, theme.fontSize, scene::FontWeight::Regular});
}

QFont titleFont(const scene::Theme& theme) {
    QFont font =
        paint::qt::fontFor({scene::FontFamily::Ui, theme.smallSize, scene::FontWeight::Medium});
    font.setLetterSpacing(QFont::AbsoluteSpacing, 0.8 * static_cast<double>(theme.zoom));
    return font;
}

QString styleSheetOf(const scene::Theme& theme) {
    const auto px = [&](float length) {
        return QString::number(std::lround(length * theme.zoom)) + QStringLiteral("px");
    };
    QString sheet = QString::fromLatin1(kSheet);
    const scene::Color white{255, 255, 255, 255};
    const scene::Color black{0, 0, 0, 255};
    const std::pair<const char*, QString> colors[] = {
        {"@surface", css(theme.surface)},
        {"@raised", css(theme.raised)},
        {"@hairline", css(theme.hairline)},
        {"@accent", css(theme.accent)},
        {"@muted", css(theme.muted)},
        {"@warning", css(theme.warning)},
        {"@error", css(theme.error)},
        {"@text", css(theme.text)},
        {"@strong", css(scene::mix(theme.text, theme.surface, 0.85F))},
        {"@edge", css(scene::mix(theme.text, theme.surface, 0.22F))},
        {"@faint", css(scene::mix(theme.text, theme.surface, 0.42F))},
        {"@field", css(scene::mix(theme.surface, theme.dark ? black : white, 0.6F))},
        {"@hover", css(scene::mix(theme.text, theme.raised, 0.07F))},
        {"@pressed", css(scene::mix(theme.text, theme.raised, 0.13F))},
    };
    for (const auto& [name, value] : colors) {
        sheet.replace(QLatin1String(name), value);
    }
    for (const int length : {24, 20, 18, 12, 10, 8, 5, 4, 3, 2}) {
        sheet.replace(QStringLiteral("@%1").arg(length), px(static_cast<float>(length)));
    }
    return sheet;
}

void applyTheme(QApplication& application, const scene::Theme& theme) {
    if (application.style()->objectName() != QLatin1String("fusion")) {
        QApplication::setStyle(QStyleFactory::create(QStringLiteral("Fusion")));
    }
    const QString sheet = styleSheetOf(theme);
    if (application.styleSheet() == sheet) {
        return; // setting it anew would polish every widget again
    }
    QApplication::setFont(uiFont(theme));
    QApplication::setPalette(paletteOf(theme));
    application.setStyleSheet(sheet);
}

bool systemIsDark(const QPalette& systemPalette) {
    return systemPalette.color(QPalette::Window).lightness() < 128;
}

} // namespace depthscope::panels

// SPDX-License-Identifier: MIT
// File > Export panel: what kind of file one panel becomes, how wide it is and what stands around
// it. Everything that it offers is in FigureOptions. The window owns it; GUI thread.
#pragma once

#include "widgets/panels/figure_options.h"

#include <QDialog>
#include <functional>

class QCheckBox;
class QComboBox;
class QDoubleSpinBox;
class QGridLayout;
class QLabel;
class QLineEdit;
class QPlainTextEdit;
class QPushButton;

namespace depthscope::panels {

class InstrumentPanel;

class FigureDialog : public QDialog {
    Q_OBJECT

public:
    /// Writes a file or throws Error.
    using Write = std::function<void(InstrumentPanel&, const QString&, const FigureOptions&)>;

    explicit FigureDialog(Write write, QWidget* parent = nullptr);

    /// `caption`: what made the figure, in words; the user may change it.
    void showFor(InstrumentPanel& panel, const QString& caption);

    [[nodiscard]] FigureOptions options() const;
    [[nodiscard]] QString file() const;

Q_SIGNALS:
    void saved(const QString& file);

private:
    QWidget* addRow(QGridLayout& grid, const QString& text, QWidget* field, QWidget* beside);
    QComboBox* addChoice(const char* name, const QString& spoken, const QStringList& items);
    void buildKind(QGridLayout& grid);
    void buildTexts(QGridLayout& grid);
    void buildFile(QGridLayout& grid);
    void buildButtons();
    void browse();
    void followKind();
    void start();
    void refresh();

    Write m_write;
    InstrumentPanel* m_panel = nullptr;
    QString m_folder;   ///< of the last file
    QString m_caption;  ///< as proposed
    QString m_askedFor; ///< a file that exists and whose replacement was asked for
    QString m_error;
    QComboBox* m_kind = nullptr;
    QComboBox* m_width = nullptr;
    QDoubleSpinBox* m_ownWidth = nullptr;
    QComboBox* m_scale = nullptr;
    QComboBox* m_ground = nullptr;
    QLineEdit* m_title = nullptr;
    QCheckBox* m_axes = nullptr;
    QPlainTextEdit* m_captionText = nullptr;
    QLineEdit* m_file = nullptr;
    QPushButton* m_browse = nullptr;
    QLabel* m_note = nullptr;
    QLabel* m_problem = nullptr;
    QPushButton* m_start = nullptr;
};

} // namespace depthscope::panels

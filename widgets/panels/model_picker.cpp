// SPDX-License-Identifier: MIT
#include "widgets/panels/model_picker.h"

#include "widgets/lab/lab_controller.h"
#include "widgets/lab/model_card.h"
#include "widgets/panels/kept_folder.h"
#include "widgets/panels/theme_style.h"
#include "widgets/scene/text_service.h"

#include <QFileInfo>
#include <QMenu>

namespace depthscope::panels {

namespace {

constexpr qsizetype kMostRecent = 8;

/// For a tool tip, which breaks rich text alone into lines.
QString asParagraph(const QString& text) {
    return text.isEmpty()
               ? text
               : QStringLiteral("<p>%1</p>")
                     .arg(text.toHtmlEscaped().replace(QLatin1Char('\n'), QLatin1String("<br>")));
}

} // namespace

ModelPicker::ModelPicker(lab::LabController& lab, const scene::TextService& text, QWidget* parent)
    : QToolButton(parent)
    , m_lab(lab)
    , m_text(text)
    , m_menu(new QMenu(this)) {
    m_menu->setToolTipsVisible(true); // what each model is good for
    setObjectName(QStringLiteral("modelPicker"));
    setAccessibleName(tr("Model"));
    setToolButtonStyle(Qt::ToolButtonTextOnly);
    setPopupMode(QToolButton::InstantPopup);
    setMenu(m_menu);
    connect(&m_lab, &lab::LabController::modelChanged, this, &ModelPicker::refresh);
}

void ModelPicker::setTheme(const scene::Theme& theme) {
    m_headFont = titleFont(theme);
    refresh();
}

void ModelPicker::fillRecent(QMenu& menu) {
    m_recentMenu = &menu;
    refresh();
}

void ModelPicker::setRecent(const QStringList& folders) {
    m_recent = folders;
    refresh();
}

void ModelPicker::addBundled() {
    const QList<lab::ModelEntry> bundled = m_lab.catalog().bundled();
    for (const QString& family : lab::ModelCatalog::familiesOf(bundled)) {
        QAction* head = m_menu->addAction(lab::ModelCatalog::headOf(family));
        head->setEnabled(false);
        head->setFont(m_headFont);
        for (const lab::ModelEntry& entry : bundled) {
            if (entry.family == family) {
                QAction* item = m_menu->addAction(entry.name);
                item->setToolTip(asParagraph(lab::purposeOf(entry.folder)));
                connect(item, &QAction::triggered, this, [this, entry] { open(entry.folder); });
            }
        }
    }
}

void ModelPicker::addRecent(QMenu& menu) {
    for (const QString& folder : m_recent) {
        QAction* item = menu.addAction(QFileInfo(folder).fileName());
        const QString purpose = lab::purposeOf(folder);
        item->setToolTip(purpose.isEmpty() ? folder
                                           : asParagraph(purpose + QLatin1Char('\n') + folder));
        item->setEnabled(QFileInfo::exists(folder));
        connect(item, &QAction::triggered, this, [this, folder] { open(folder); });
    }
}

void ModelPicker::refresh() {
    m_menu->clear();
    addBundled();
    m_menu->addSeparator();
    addRecent(*m_menu);
    if (m_recentMenu != nullptr) {
        m_recentMenu->clear();
        addRecent(*m_recentMenu);
        m_recentMenu->setEnabled(!m_recent.isEmpty());
    }
    m_menu->addSeparator();
    connect(m_menu->addAction(tr("Open folder…")), &QAction::triggered, this,
            &ModelPicker::askFolder);
    const auto model = m_lab.model();
    QString label = tr("Choose a model");
    if (model) {
        label = QStringLiteral("%1   %2").arg(QString::fromStdString(model->name),
                                              QString::fromStdString(scene::formatCount(
                                                  m_text, static_cast<double>(model->parameters))));
    }
    setText(label + QStringLiteral("  ▾"));
    setAccessibleDescription(label);
}

void ModelPicker::askFolder() {
    const QString folder = askForFolder(*this, {QStringLiteral("model"), tr("Open model folder")});
    if (!folder.isEmpty()) {
        open(folder);
    }
}

bool ModelPicker::open(const QString& nameOrFolder) {
    const QString folder = m_lab.catalog().find(nameOrFolder);
    if (folder.isEmpty()) {
        QStringList names;
        for (const lab::ModelEntry& entry : m_lab.catalog().bundled()) {
            names << entry.name;
        }
        Q_EMIT failed(
            tr("Model not found"),
            tr("%1 must be a bundled model or a folder with a config.json").arg(nameOrFolder),
            names.isEmpty() ? tr("Choose a model folder.")
                            : tr("Bundled models: %1.").arg(names.join(QStringLiteral(", "))));
        return false;
    }
    remember(folder);
    m_lab.goLive();
    m_lab.loadModel(folder);
    return true;
}

void ModelPicker::remember(const QString& folder) {
    for (const lab::ModelEntry& entry : m_lab.catalog().bundled()) {
        if (entry.folder == folder) {
            return;
        }
    }
    m_recent.removeAll(folder);
    m_recent.prepend(folder);
    while (m_recent.size() > kMostRecent) {
        m_recent.removeLast();
    }
    refresh();
}

} // namespace depthscope::panels

// SPDX-License-Identifier: MIT
#include "widgets/panels/new_clip_dialog.h"

#include "engine/spec/clip_preset.h"
#include "widgets/panels/controls.h"

#include <QCoreApplication>
#include <QFormLayout>
#include <QHBoxLayout>
#include <QLabel>
#include <QLineEdit>
#include <QLocale>
#include <QPushButton>
#include <QRegularExpressionValidator>
#include <QSettings>
#include <QSpinBox>
#include <QVBoxLayout>

namespace depthscope::panels {

namespace {

constexpr int kWidth = 420;
constexpr int kUsualSide = 64;
constexpr int kUsualFrames = 48;
constexpr int kUsualRate = 12;
constexpr int kMostRate = 60;
constexpr int kHelpLines = 2;

QString qt(std::string_view text) {
    return QString::fromUtf8(text.data(), static_cast<qsizetype>(text.size()));
}

} // namespace

NewClipDialog::NewClipDialog(QWidget* parent)
    : QDialog(parent) {
    setObjectName(QStringLiteral("new-clip"));
    setWindowTitle(tr("New procedural clip"));
    resize(kWidth, 0);
    auto* column = new QVBoxLayout(this);
    column->setContentsMargins(24, 24, 24, 16);
    column->setSpacing(8);
    auto* intro = new QLabel(tr("A clip drawn from a seed, whose content is known in every pixel: "
                                "a ground truth for video models."),
                             this);
    intro->setObjectName(QStringLiteral("muted"));
    intro->setWordWrap(true);
    column->addWidget(intro);
    auto* form = new QFormLayout;
    form->setHorizontalSpacing(16);
    form->setVerticalSpacing(8);
    buildPreset(*form);
    buildNumbers(*form);
    column->addLayout(form);
    m_facts = new QLabel(this);
    column->addWidget(m_facts);
    column->addSpacing(8);
    column->addLayout(makeButtons());
    connect(m_kind, &QComboBox::currentIndexChanged, this, &NewClipDialog::refresh);
    connect(m_seed, &QLineEdit::textChanged, this, &NewClipDialog::refresh);
    for (QSpinBox* box : {m_width, m_height, m_frames, m_rate}) {
        connect(box, &QSpinBox::valueChanged, this, &NewClipDialog::refresh);
    }
    refresh();
}

void NewClipDialog::buildPreset(QFormLayout& form) {
    m_kind = new ChoiceBox(this);
    m_kind->setObjectName(QStringLiteral("new-clip.preset"));
    m_kind->setAccessibleName(tr("Preset of the clip"));
    for (const spec::ClipPreset& preset : spec::clipPresets()) {
        m_kind->addItem(qt(preset.name));
        m_kind->setItemData(m_kind->count() - 1, qt(preset.help), Qt::ToolTipRole);
    }
    m_help = new QLabel(this);
    m_help->setObjectName(QStringLiteral("muted"));
    m_help->setWordWrap(true);
    m_help->setAlignment(Qt::AlignTop);
    constexpr int kBelow = 8; // to the next field
    m_help->setMinimumHeight(kHelpLines * fontMetrics().lineSpacing() + kBelow);
    form.addRow(tr("Preset"), m_kind);
    form.addRow(QString(), m_help);
}

void NewClipDialog::buildNumbers(QFormLayout& form) {
    m_width = number("new-clip.width", tr("Width in pixels"), tr(" px"));
    m_height = number("new-clip.height", tr("Height in pixels"), tr(" px"));
    for (QSpinBox* side : {m_width, m_height}) {
        side->setRange(spec::kLeastClipSide, spec::kGreatestClipSide);
        side->setValue(kUsualSide);
    }
    auto* size = new QHBoxLayout;
    size->setSpacing(8);
    size->addWidget(m_width, 1);
    size->addWidget(new QLabel(tr("x"), this));
    size->addWidget(m_height, 1);
    form.addRow(tr("Size"), size);
    m_frames = number("new-clip.frames", tr("Frames"), tr(" frames"));
    m_frames->setRange(1, spec::kMostClipFrames);
    m_frames->setValue(kUsualFrames);
    form.addRow(tr("Length"), m_frames);
    m_rate = number("new-clip.rate", tr("Frames per second"), tr(" a second"));
    m_rate->setRange(1, kMostRate);
    m_rate->setValue(kUsualRate);
    form.addRow(tr("Rate"), m_rate);
    m_seed = new QLineEdit(QStringLiteral("1"), this);
    m_seed->setObjectName(QStringLiteral("new-clip.seed"));
    m_seed->setValidator(
        new QRegularExpressionValidator(QRegularExpression(QStringLiteral("[0-9]{1,18}")), m_seed));
    m_seed->setAlignment(Qt::AlignRight);
    m_seed->setAccessibleName(tr("Seed"));
    m_seed->setToolTip(tr("The same seed draws the same clip on every machine"));
    form.addRow(tr("Seed"), m_seed);
}

QLayout* NewClipDialog::makeButtons() {
    auto* buttons = new QHBoxLayout;
    buttons->setSpacing(8);
    m_make = makeButton("new-clip.make", tr("Make clip"), this);
    m_make->setProperty("primary", true);
    m_make->setDefault(true);
    auto* cancel = makeButton("new-clip.cancel", tr("Cancel"), this);
    cancel->setAutoDefault(false);
    buttons->addStretch(1);
    buttons->addWidget(m_make);
    buttons->addWidget(cancel);
    connect(m_make, &QPushButton::clicked, this, &QDialog::accept);
    connect(cancel, &QPushButton::clicked, this, &QDialog::reject);
    return buttons;
}

QSpinBox* NewClipDialog::number(const char* name, const QString& spoken, const QString& unit) {
    auto* box = new QSpinBox(this);
    box->setObjectName(QString::fromLatin1(name));
    box->setAccessibleName(spoken);
    box->setSuffix(unit);
    box->setButtonSymbols(QAbstractSpinBox::NoButtons);
    box->setAlignment(Qt::AlignRight);
    return box;
}

lab::NewClip NewClipDialog::clip() const {
    lab::NewClip clip;
    clip.request.clips.name = m_kind->currentText().toStdString();
    clip.request.clips.seed = m_seed->text().toULongLong();
    clip.request.frames = m_frames->value();
    clip.request.height = m_height->value();
    clip.request.width = m_width->value();
    clip.rate = {m_rate->value(), 1};
    return clip;
}

void NewClipDialog::refresh() {
    const auto presets = spec::clipPresets();
    const auto kind = static_cast<std::size_t>(m_kind->currentIndex());
    m_help->setText(QCoreApplication::translate("Clips", presets[kind].help));
    m_facts->setText(
        tr("%1 x %2 pixels · %3 s")
            .arg(m_width->value())
            .arg(m_height->value())
            .arg(QLocale().toString(1.0 * m_frames->value() / m_rate->value(), 'f', 2)));
    m_make->setEnabled(!m_seed->text().isEmpty());
}

void NewClipDialog::remember() {
    const QSettings settings;
    const int kind = m_kind->findText(settings.value(QStringLiteral("clip/kind")).toString());
    m_kind->setCurrentIndex(std::max(kind, 0));
    m_width->setValue(settings.value(QStringLiteral("clip/width"), kUsualSide).toInt());
    m_height->setValue(settings.value(QStringLiteral("clip/height"), kUsualSide).toInt());
    m_frames->setValue(settings.value(QStringLiteral("clip/frames"), kUsualFrames).toInt());
    m_rate->setValue(settings.value(QStringLiteral("clip/rate"), kUsualRate).toInt());
    connect(this, &QDialog::accepted, this, &NewClipDialog::keepChoices);
}

void NewClipDialog::keepChoices() const {
    QSettings settings;
    settings.setValue(QStringLiteral("clip/kind"), m_kind->currentText());
    settings.setValue(QStringLiteral("clip/width"), m_width->value());
    settings.setValue(QStringLiteral("clip/height"), m_height->value());
    settings.setValue(QStringLiteral("clip/frames"), m_frames->value());
    settings.setValue(QStringLiteral("clip/rate"), m_rate->value());
}

} // namespace depthscope::panels

// SPDX-License-Identifier: MIT
// The CLIP form: where the given frames of a prediction come from.
#include "tests/widgets/lab/lab_fixture.h"
#include "widgets/panels/clip_form.h"

#include <QComboBox>
#include <QLineEdit>
#include <QPushButton>
#include <QSignalSpy>
#include <QSpinBox>
#include <QTest>

using namespace depthscope;
using test::LabFixture;

class TestClipForm : public QObject {
    Q_OBJECT

private Q_SLOTS:

    void ownVideosAreChosenAndUndone() {
        LabFixture fixture;
        fixture.lab.loadModel(fixture.folder("demo-more-dit"));
        LabFixture::settle();
        panels::ClipForm form(fixture.lab);
        auto* source = form.findChild<QComboBox*>(QStringLiteral("clip.source"));
        auto* file = form.findChild<QLineEdit*>(QStringLiteral("own-video"));
        auto* first = form.findChild<QLineEdit*>(QStringLiteral("own-first"));
        QVERIFY(!file->isVisibleTo(&form));
        file->setText(QStringLiteral("/clips/cat.mp4"));
        Q_EMIT file->editingFinished();
        QCOMPARE(source->currentText(), QStringLiteral("Own video"));
        QVERIFY(file->isVisibleTo(&form));
        first->setText(QStringLiteral("40"));
        Q_EMIT first->editingFinished();
        form.findChild<QSpinBox*>(QStringLiteral("own-every"))->setValue(3);
        const settings::VideoSettings& video = fixture.lab.settings().video;
        QCOMPARE(video.ownVideo, std::string("/clips/cat.mp4"));
        QCOMPARE(video.ownFirst, std::uint64_t{40});
        QCOMPARE(video.ownEvery, 3);
        QSignalSpy shown(&form, &panels::ClipForm::showRequested);
        form.findChild<QPushButton*>(QStringLiteral("clip.show-own"))->click();
        QCOMPARE(shown.count(), 1);
        QCOMPARE(shown[0][1].toLongLong(), 40);
        source->setCurrentIndex(0);
        Q_EMIT source->activated(0);
        QVERIFY(video.ownVideo.empty() && !file->isVisibleTo(&form));
        fixture.lab.undoStack().undo();
        QCOMPARE(file->text(), QStringLiteral("/clips/cat.mp4"));
        QCOMPARE(first->text(), QStringLiteral("40"));
    }

    void theFrameOnScreenIsWhereItBegins() {
        LabFixture fixture;
        fixture.lab.loadModel(fixture.folder("demo-more-dit"));
        LabFixture::settle();
        panels::ClipForm form(fixture.lab);
        auto* here = form.findChild<QPushButton*>(QStringLiteral("clip.from-here"));
        QVERIFY(!here->isEnabled());
        auto clip = std::make_shared<trace::ClipView>();
        clip->file = "/clips/dog.mkv";
        clip->frameCount = 100;
        clip->target = 12;
        fixture.lab.showClip(clip);
        auto* source = form.findChild<QComboBox*>(QStringLiteral("clip.source"));
        Q_EMIT source->activated(1);
        QCOMPARE(fixture.lab.settings().video.ownVideo, std::string("/clips/dog.mkv"));
        QCOMPARE(fixture.lab.settings().video.ownFirst, std::uint64_t{12});
        auto next = std::make_shared<trace::ClipView>(*clip);
        next->target = 31;
        fixture.lab.showClip(next);
        QVERIFY(here->isEnabled());
        here->click();
        QCOMPARE(fixture.lab.settings().video.ownFirst, std::uint64_t{31});
    }
};

QTEST_MAIN(TestClipForm)
#include "tst_clip_form.moc"

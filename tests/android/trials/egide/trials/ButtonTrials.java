package egide.trials;

import egide.fake.Tag;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Set;

/** The button: its link, and how it is paired. */
final class ButtonTrials extends Trial {
  // -- the button ------------------------------------------------------------------------------------------------------

  void trialTheLinkComesBackWhenTheButtonDoes() {
    handset.boot();
    handset.screen(false);
    handset.pass(60_000);
    // Nothing else wakes the processor meanwhile: it must wait for the button again before it sleeps.
    handset.tag.near(false);
    handset.pass(5_000);
    check(told().contains("link false"), "the core knows");
    handset.tag.near(true);
    pressIsHeard();
    handset.tag.near(false);
    handset.pass(3_600_000);
    handset.tag.near(true);
    pressIsHeard();
  }

  void trialBluetoothOffAndOn() {
    handset.boot();
    handset.tag.power(false);
    handset.pass(10_000);
    check(told().get(told().size() - 1).equals("changed") && told().contains("link false"), "the core looks again: " + told());
    handset.tag.press(FRAME);
    handset.tag.power(true);
    handset.pass(5_000);
    same(1, Recorder.last().frames.size());
    pressIsHeard();
  }

  void trialAButtonThatRefusesThreeTimesIsUnpaired() {
    handset.tag.refuses = true;
    handset.boot();
    handset.screen(true);
    handset.pass(10_000);
    check(told().contains("button-unpaired"), "told: " + told());
    check(!Recorder.last().platform.radio().isPaired(), "not paired");
    same(1L, told().stream().filter("button-unpaired"::equals).count());
    handset.tag.refuses = false;
    handset.pass(5_000);
    check(Recorder.last().platform.radio().isPaired(), "one that takes this phone again is paired again");
  }

  void trialABondThatSomebodyRemovedIsToldAndNotAskedForAgain() {
    handset.boot();
    int links = handset.tag.links;
    handset.tag.unbond();
    handset.screen(true);
    handset.pass(60_000);
    check(told().contains("button-unpaired"), "told: " + told());
    same(links, handset.tag.links);
  }

  void trialAButtonThatNeverAnswersIsLetGo() {
    handset.tag.isMute = true;
    handset.boot();
    handset.screen(false);
    handset.pass(15_000);
    int links = handset.tag.links;
    check(links >= 2, "begun anew: " + links);
    handset.tag.isMute = false;
    handset.pass(15_000);
    pressIsHeard();
  }

  void trialAHoldTimeThatCannotBeGivenIsSaidSo() {
    handset.boot();
    handset.screen(true);
    handset.tag.near(false);
    handset.pass(2_000);
    Recorder.last().platform.radio().giveHold(new byte[16]);
    handset.settle();
    check(told().contains("hold false"), "told: " + told());
    handset.tag.near(true);
    handset.pass(2_000);
    handset.tag.isMute = true;
    Recorder.last().platform.radio().giveHold(new byte[16]);
    handset.pass(15_000);
    same(2L, told().stream().filter("hold false"::equals).count());
  }

  void trialTheButtonsChargeIsRead() {
    handset.boot();
    handset.screen(true);
    Recorder.last().platform.radio().askBattery();
    handset.pass(100);
    check(told().contains("battery 77"), "told: " + told());
  }

  // -- pairing ---------------------------------------------------------------------------------------------------------

  /** Begins; how it ends is added to what is given back. */
  private static List<String> pairing(egide.core.ports.Radio.Claim claim) {
    List<String> ends = new java.util.ArrayList<>();
    Recorder.last().platform.radio().pair(claim, new egide.core.ports.Radio.Paired() {
      @Override
      public void onPaired() {
        ends.add("paired");
      }

      @Override
      public void onFailed(String word) {
        ends.add(word);
      }
    });
    return ends;
  }

  /** Her page on a telephone that never saw a button. */
  private android.app.Activity fresh() {
    handset.preferences.clear();
    handset.tag.isBonded = false;
    handset.isUnlocked = true;
    return handset.open();
  }

  private List<String> pair(boolean isOurs) {
    fresh();
    return paired(isOurs);
  }

  private List<String> paired(boolean isOurs) {
    handset.tag.claims.add(new byte[9]);
    handset.tag.claims.add(new byte[] {9});
    var claim = new egide.core.ports.Radio.Claim() {
      @Override
      public byte[] proof(byte[] offered) {
        return offered.length == 9 ? new byte[] {5, 5} : null;
      }

      @Override
      public boolean isOurs(byte[] answer) {
        return isOurs && Arrays.equals(answer, new byte[] {9});
      }
    };
    List<String> ends = pairing(claim);
    handset.pass(20_000);
    return ends;
  }

  void trialAButtonThatProvesItselfIsPairedForGood() {
    same(List.of("paired"), pair(true));
    check(Arrays.equals(new byte[] {5, 5}, handset.tag.written.get(0)), "our proof");
    same(Set.of(Tag.ADDRESS), handset.associated);
    handset.boot();
    pressIsHeard();
  }

  void trialTheNewerPagePairsAlsoWhenTheFormerIsEndedAfterIt() {
    android.app.Activity former = fresh();
    handset.open();
    former.end();
    same(List.of("paired"), paired(true));
  }

  void trialAnotherButtonIsNotOurs() {
    same(List.of("not-ours"), pair(false));
    check(!Recorder.last().platform.radio().isPaired(), "not paired");
    check(handset.preferences.getOrDefault(true + "app", Map.of()).isEmpty(), "nothing is kept of it");
  }

  void trialWithoutAPageNobodyCanPair() {
    handset.boot();
    List<String> ends = pairing(null);
    handset.settle();
    same(List.of("not-chosen"), ends);
  }
}

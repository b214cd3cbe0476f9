package android.view;

public class View {
  @egide.fake.Beyond
  public View() {}
}

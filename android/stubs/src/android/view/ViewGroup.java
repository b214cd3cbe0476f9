package android.view;

public abstract class ViewGroup extends View {
  @egide.fake.Beyond
  public ViewGroup() {}
}

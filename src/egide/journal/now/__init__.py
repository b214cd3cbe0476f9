"""What is true only now, replaced in place: phones, boards, processes, codes tried. No events."""

// Graders

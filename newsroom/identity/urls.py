from django.urls import path

from newsroom.identity import views

urlpatterns = [
    path("<colour:colour>.css", views.accent, name="accent"),
    path("<colour:colour>/<str:letter>.svg", views.icon_svg, name="icon_svg"),
    path("<colour:colour>/<str:letter>.png", views.icon_png, name="icon_png"),
]
